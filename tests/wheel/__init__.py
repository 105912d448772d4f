"""The package that people install."""
