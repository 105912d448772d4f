// 3: `'TLS12'` is none of tls1_0, tls1_1, tls1_2
var chosen = {
  tls: 'TLS12'
}
param name string
param location string
resource account 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: name
  location: location
  kind: 'StorageV2'
  sku: {
    name: 'Standard_ZRS'
  }
  properties: {
    minimumTlsVersion: chosen.tls
  }
}
