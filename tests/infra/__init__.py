"""What deploys the service, read as text: there is no Bicep compiler here, and no Azure."""
