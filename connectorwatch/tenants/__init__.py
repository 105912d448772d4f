"""The list of tenants, their policies and the overview of all."""
