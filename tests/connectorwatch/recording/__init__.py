"""Tests of recordings: nothing of a tenant comes out, and every difference is found."""
