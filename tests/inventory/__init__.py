"""Tests of reading Graph."""
