// `principalId` is told by Azure
param name string
param location string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: name
  location: location
  properties: {
    principalId: name
  }
}
