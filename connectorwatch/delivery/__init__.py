"""Delivers announcements to routes."""
