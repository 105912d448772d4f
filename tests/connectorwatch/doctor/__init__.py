"""Tests of the doctor: what it names, what that costs, and how it says so."""
