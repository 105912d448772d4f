"""The inventory as data."""
