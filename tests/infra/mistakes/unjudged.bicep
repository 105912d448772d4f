// 14: `account::blobs` is an expression that tools/check_properties.py cannot judge
param name string
param location string

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: name
}

resource other 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: name
  location: location
  kind: 'StorageV2'
  sku: {
    name: account::blobs
  }
}
