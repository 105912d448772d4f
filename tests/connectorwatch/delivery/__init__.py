"""Announcements on their way: real servers, real processes, real mail."""
