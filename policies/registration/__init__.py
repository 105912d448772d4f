"""Who can register connectors, by which paths, and whom the policy expects."""
