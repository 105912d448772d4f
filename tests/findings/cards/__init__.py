"""The cards for Teams."""
