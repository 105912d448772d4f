"""Tests of the directory audit log."""
