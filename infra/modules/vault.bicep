// Holds webhook URLs, which are secrets. They are put here by a person and reach the app by Key Vault reference.
param name string
param location string
param tags object
param principalId string
// Without a virtual network the app has no addresses of its own that could be allowed: then Enabled and Allow.
param publicNetworkAccess string
param networkDefault string
param workspaceId string

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  // checkov:skip=CKV_AZURE_109:closed with PRIVATE_NETWORKING; without it the app has no addresses that could be allowed, and roles alone let in
  // checkov:skip=CKV_AZURE_189:closed with PRIVATE_NETWORKING; without it the app has no addresses that could be allowed, and roles alone let in
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

// Why: the platform resolves the references in the app settings with this identity. It reads values; it changes none.
resource readsSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, principalId, secretsUser)
  scope: vault
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

// Who read or changed a secret.
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
