// 14: `'yes'` is str, where bool is wanted
param location string
param name string
param planId string
param further array

resource site 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  properties: {
    serverFarmId: planId
    hostNameSslStates: concat([for host in further: {
      name: host
      toUpdate: 'yes'
    }], further)
  }
}
