// 7: `blobs` is a nested resource, which is not checked
param name string

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: name

  resource blobs 'blobServices' = {
    name: 'default'
    properties: {
      isVersioningEnabeld: true
    }
  }
}
