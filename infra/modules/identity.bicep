// The one identity of the app: for storage, Key Vault, telemetry and, after `connectorwatch grant`, Microsoft Graph.
// User-assigned, so that it and what it was granted outlive the app.
param name string
param location string
param tags { *: string }

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

output id string = identity.id
output clientId string = identity.properties.clientId
output principalId string = identity.properties.principalId
