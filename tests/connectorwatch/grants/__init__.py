"""Tests of giving an identity what scanning takes, and of taking it back."""
