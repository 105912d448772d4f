// `vault` lacks location, which VaultCreateOrUpdateParameters requires
param name string

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: name
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
  }
}
