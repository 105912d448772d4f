"""The ground floor: errors, text, files, ids and telemetry; knows nothing of connectors."""
