"""The inventory as data: connectors, connector groups and applications, as findings.json, CSV and tables hold them."""
