// A virtual network for the app's outward calls, and private endpoints for storage and Key Vault. The app's own address
// stays public: people and machines reach it there, and sign-in or a key lets them in.
param suffix string
param location string
param tags { *: string }
param networkPrefix string
param appPrefix string
param endpointsPrefix string
param storageId string
param vaultId string

resource rules 'Microsoft.Network/networkSecurityGroups@2026-03-01' = {
  name: 'nsg-connectorwatch-${suffix}'
  location: location
  tags: tags
}

resource network 'Microsoft.Network/virtualNetworks@2026-03-01' = {
  name: 'vnet-connectorwatch-${suffix}'
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: [
        networkPrefix
      ]
    }
    subnets: [
      {
        name: 'app'
        properties: {
          addressPrefix: appPrefix
          // Graph and Entra are on the internet. For one fixed address put a NAT gateway here.
          defaultOutboundAccess: true
          networkSecurityGroup: {
            id: rules.id
          }
          delegations: [
            {
              name: 'flex-consumption'
              properties: {
                serviceName: 'Microsoft.App/environments'
              }
            }
          ]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: endpointsPrefix
          defaultOutboundAccess: false
          privateEndpointNetworkPolicies: 'Enabled'
          networkSecurityGroup: {
            id: rules.id
          }
        }
      }
    ]
  }
}

var storageSuffix = environment().suffixes.storage
var endpoints = [
  {
    name: 'blob'
    zone: 'privatelink.blob.${storageSuffix}'
  }
  {
    name: 'queue'
    zone: 'privatelink.queue.${storageSuffix}'
  }
  {
    name: 'table'
    zone: 'privatelink.table.${storageSuffix}'
  }
  {
    name: 'vault'
    // .vault.azure.net in the public cloud, where the zone is called privatelink.vaultcore.azure.net; others follow the same pattern.
    zone: 'privatelink${replace(environment().suffixes.keyvaultDns, '.vault.', '.vaultcore.')}'
  }
]

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [for item in endpoints: {
  name: item.zone
  location: 'global'
  tags: tags
}]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [for (item, place) in endpoints: {
  parent: zones[place]
  name: 'connectorwatch'
  location: 'global'
  properties: {
    registrationEnabled: false
    virtualNetwork: {
      id: network.id
    }
  }
}]

resource doors 'Microsoft.Network/privateEndpoints@2026-03-01' = [for item in endpoints: {
  name: 'pe-${item.name}-${suffix}'
  location: location
  tags: tags
  properties: {
    subnet: {
      id: '${network.id}/subnets/endpoints'
    }
    privateLinkServiceConnections: [
      {
        name: item.name
        properties: {
          privateLinkServiceId: item.name == 'vault' ? vaultId : storageId
          groupIds: [
            item.name
          ]
        }
      }
    ]
  }
}]

resource names 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2026-03-01' = [for (item, place) in endpoints: {
  parent: doors[place]
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [
      {
        name: item.name
        properties: {
          privateDnsZoneId: zones[place].id
        }
      }
    ]
  }
}]

output appSubnetId string = '${network.id}/subnets/app'
