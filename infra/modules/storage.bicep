// One account for the app's data and for the Functions host: no keys, no public blobs, nothing deleted at once.
param name string
param location string
param tags { *: string }
param sku string
param immutabilityDays int
param undeleteDays int

// Without a virtual network the app has no addresses of its own that could be allowed: then Enabled and Allow.
param publicNetworkAccess string
param networkDefault string
param workspaceId string

var storageLogs = [
  {
    category: 'StorageRead'
    enabled: true
  }
  {
    category: 'StorageWrite'
    enabled: true
  }
  {
    category: 'StorageDelete'
    enabled: true
  }
]

resource account 'Microsoft.Storage/storageAccounts@2026-09-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: sku
  }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    allowCrossTenantReplication: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: publicNetworkAccess
    networkAcls: {
      defaultAction: networkDefault
      bypass: 'None'
    }
    encryption: {
      keySource: 'Microsoft.Storage'
      requireInfrastructureEncryption: true
      services: {
        blob: {
          enabled: true
          keyType: 'Account'
        }
        queue: {
          enabled: true
          keyType: 'Account'
        }
        table: {
          enabled: true
          keyType: 'Account'
        }
      }
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2026-09-01' = {
  parent: account
  name: 'default'
  properties: {
    isVersioningEnabled: true
    deleteRetentionPolicy: {
      enabled: true
      days: undeleteDays
    }
    containerDeleteRetentionPolicy: {
      enabled: true
      days: undeleteDays
    }
  }
}

resource state 'Microsoft.Storage/storageAccounts/blobServices/containers@2026-09-01' = {
  parent: blobs
  name: 'connectorwatch-state'
  properties: {
    publicAccess: 'None'
  }
}

resource scans 'Microsoft.Storage/storageAccounts/blobServices/containers@2026-09-01' = {
  parent: blobs
  name: 'connectorwatch-scans'
  properties: {
    publicAccess: 'None'
  }
}

// On the scans alone: each is written once. State changes all day and could not live under such a policy.
// It is made unlocked; locking it cannot be undone and is left to a person (docs/deploy.md).
resource immutability 'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies@2026-09-01' = if (immutabilityDays > 0) {
  parent: scans
  name: 'default'
  properties: {
    immutabilityPeriodSinceCreationInDays: immutabilityDays
    allowProtectedAppendWrites: false
  }
}

// What people write for the app to read: the list of tenants, a policy.
resource config 'Microsoft.Storage/storageAccounts/blobServices/containers@2026-09-01' = {
  parent: blobs
  name: 'connectorwatch-config'
  properties: {
    publicAccess: 'None'
  }
}

// Where deployment puts the app's package and the platform fetches it.
resource package 'Microsoft.Storage/storageAccounts/blobServices/containers@2026-09-01' = {
  parent: blobs
  name: 'app-package'
  properties: {
    publicAccess: 'None'
  }
}

// The Functions host's own two, made here so that the identity needs no role on the whole account.
resource hosts 'Microsoft.Storage/storageAccounts/blobServices/containers@2026-09-01' = {
  parent: blobs
  name: 'azure-webjobs-hosts'
  properties: {
    publicAccess: 'None'
  }
}

resource hostKeys 'Microsoft.Storage/storageAccounts/blobServices/containers@2026-09-01' = {
  parent: blobs
  name: 'azure-webjobs-secrets'
  properties: {
    publicAccess: 'None'
  }
}

// Versions are kept for undoing, not for ever: a tenant's state is written several times a day, and what retention
// deletes is personal data that has to be gone some day. Where the immutability policy forbids it, this waits.
resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2026-09-01' = {
  parent: account
  name: 'default'
  dependsOn: [
    blobs
  ]
  properties: {
    policy: {
      rules: [
        {
          enabled: true
          name: 'old-versions'
          type: 'Lifecycle'
          definition: {
            filters: {
              blobTypes: [
                'blockBlob'
              ]
            }
            actions: {
              version: {
                delete: {
                  daysAfterCreationGreaterThan: undeleteDays
                }
              }
            }
          }
        }
      ]
    }
  }
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices@2026-09-01' = {
  parent: account
  name: 'default'
}

resource requests 'Microsoft.Storage/storageAccounts/queueServices/queues@2026-09-01' = {
  parent: queues
  name: 'scan-requests'
}

resource poison 'Microsoft.Storage/storageAccounts/queueServices/queues@2026-09-01' = {
  parent: queues
  name: 'scan-requests-poison'
}

resource tables 'Microsoft.Storage/storageAccounts/tableServices@2026-09-01' = {
  parent: account
  name: 'default'
}

resource findings 'Microsoft.Storage/storageAccounts/tableServices/tables@2026-09-01' = {
  parent: tables
  name: 'ConnectorFindings'
}

resource scanRows 'Microsoft.Storage/storageAccounts/tableServices/tables@2026-09-01' = {
  parent: tables
  name: 'ConnectorScans'
}

resource tenantRows 'Microsoft.Storage/storageAccounts/tableServices/tables@2026-09-01' = {
  parent: tables
  name: 'ConnectorTenants'
}

resource connectorRows 'Microsoft.Storage/storageAccounts/tableServices/tables@2026-09-01' = {
  parent: tables
  name: 'ConnectorInventory'
}

resource groupRows 'Microsoft.Storage/storageAccounts/tableServices/tables@2026-09-01' = {
  parent: tables
  name: 'ConnectorGroups'
}

resource applicationRows 'Microsoft.Storage/storageAccounts/tableServices/tables@2026-09-01' = {
  parent: tables
  name: 'ConnectorApplications'
}

// Who read, wrote and deleted what: reports name people, and rows name tenants.
#disable-next-line use-recent-api-versions // the only stable version is of 2016 and allows one setting a resource
resource blobLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-log-analytics'
  scope: blobs
  properties: {
    workspaceId: workspaceId
    logs: storageLogs
  }
}

#disable-next-line use-recent-api-versions // the only stable version is of 2016 and allows one setting a resource
resource tableLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-log-analytics'
  scope: tables
  properties: {
    workspaceId: workspaceId
    logs: storageLogs
  }
}

// Reading is left out here: the host looks for messages all day, which would cost more than all the rest together.
#disable-next-line use-recent-api-versions // the only stable version is of 2016 and allows one setting a resource
resource queueLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-log-analytics'
  scope: queues
  properties: {
    workspaceId: workspaceId
    logs: filter(storageLogs, log => log.category != 'StorageRead')
  }
}

output id string = account.id
output name string = account.name
