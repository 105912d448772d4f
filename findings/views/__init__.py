"""Rows for tables and logs, made from results."""
