// `'yes'` is str, where bool is wanted
param name string
param location string
var rules = [
  {
    name: 'old'
    enabled: 'yes'
    type: 'Lifecycle'
    definition: {
      actions: {}
      filters: {
        blobTypes: [
          'blockBlob'
        ]
      }
    }
  }
]

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: '${name}${location}'
}

resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2023-05-01' = {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: rules
    }
  }
}
