"""Tests of function_app.py in Microsoft's own Python runtime; run by `make test-runtime`."""
