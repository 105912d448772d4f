"""Tests of the troubleshooting knowledge and of what is told from it."""
