"""READ: what Microsoft Graph knows of a tenant's connectors, with a reason wherever it could not be read."""
