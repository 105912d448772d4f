"""Scans of one tenant: read, evaluate, store state, publish."""
