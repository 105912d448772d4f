"""The directory audit log: its records, the activities that are read, and who registered a connector by it."""
