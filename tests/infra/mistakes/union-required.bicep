// 12: `networkAcls` lacks defaultAction, which NetworkRuleSet requires
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
    networkAcls: union({
      bypass: 'None'
    }, {})
  }
}
