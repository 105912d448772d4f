"""When connectors are updated, as far as the tenant decides it."""
