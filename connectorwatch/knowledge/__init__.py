"""What Microsoft says about connectors, as dated data: one YAML file a topic, every entry with its sources."""
