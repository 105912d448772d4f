"""Scans one tenant: read, judge, remember, publish."""
