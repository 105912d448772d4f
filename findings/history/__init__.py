"""What became of findings and connectors over time."""
