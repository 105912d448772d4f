// 13: `'TLS12'` is none of tls1_0, tls1_1, tls1_2
param name string
param location string
param public bool
resource account 'Microsoft.Storage/storageAccounts@2023-05-01' = if (public) {
  name: name
  location: location
  kind: 'StorageV2'
  sku: {
    name: 'Standard_ZRS'
  }
  properties: {
    minimumTlsVersion: (public ? 'TLS12' : 'TLS1_2')
  }
}
