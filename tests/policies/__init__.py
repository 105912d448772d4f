"""Tests of what judges."""
