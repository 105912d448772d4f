// Holds webhook URLs, which are secrets. They are put here by a person and reach the app by Key Vault reference.
param name string
param location string
param tags { *: string }
param secretNames string[]
// A name known beforehand, so that what is deployed can be predicted; roles are given to principalId.
param identityName string
param principalId string
// Without a virtual network the app has no addresses of its own that could be allowed: then Enabled and Allow.
param publicNetworkAccess string
param networkDefault string
param workspaceId string

resource vault 'Microsoft.KeyVault/vaults@2026-05-15' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enablePurgeProtection: true
    publicNetworkAccess: publicNetworkAccess
    networkAcls: {
      defaultAction: networkDefault
      bypass: 'None'
    }
  }
}

// Key Vault Secrets User
var secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'

resource secrets 'Microsoft.KeyVault/vaults/secrets@2026-05-15' existing = [for item in secretNames: {
  parent: vault
  name: item
}]

// Why: the platform resolves the references in the app settings with this identity. It reads these secrets, no other that
// somebody puts here, and changes none. The secrets have to be there before the deployment.
resource readsSecret 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (item, place) in secretNames: {
  name: guid(vault.id, item, identityName, secretsUser)
  scope: secrets[place]
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}]

// Who read or changed a secret.
#disable-next-line use-recent-api-versions // the only stable version is of 2016 and allows one setting a resource
resource vaultLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-log-analytics'
  scope: vault
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'AuditEvent'
        enabled: true
      }
    ]
  }
}

output id string = vault.id
output name string = vault.name
output uri string = vault.properties.vaultUri
