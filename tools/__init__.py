"""Tools for whoever works on connectorwatch; nothing here is shipped."""
