"""Tests of the HTTP handlers, their routes, and who is let in."""
