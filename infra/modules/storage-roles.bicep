// What the identities may do in the storage account: by container, queue and table, never on the account. So a mistake
// of ours cannot reach what the next developer puts there, and the app cannot lift the immutability policy of its scans.
param accountName string
// Names known beforehand, so that what is deployed can be predicted; roles are given to the principal ids.
param identityName string
param principalId string
// The identity that the platform fetches the package with; the same as the app's where there is no other.
param packageIdentityName string
param packagePrincipalId string

// Storage Blob Data Owner
var blobOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
// Storage Blob Data Contributor
var blobContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
// Storage Blob Data Reader
var blobReader = '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'
// Storage Queue Data Contributor
var queueContributor = '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
// Storage Table Data Contributor
var tableContributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'

resource account 'Microsoft.Storage/storageAccounts@2026-09-01' existing = {
  name: accountName
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2026-09-01' existing = {
  parent: account
  name: 'default'
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices@2026-09-01' existing = {
  parent: account
  name: 'default'
}

resource tables 'Microsoft.Storage/storageAccounts/tableServices@2026-09-01' existing = {
  parent: account
  name: 'default'
}

var onContainers = [
  {
    // Why: state documents and the newest reports are read, written by compare-and-swap, and deleted with a tenant.
    container: 'connectorwatch-state'
    role: blobContributor
  }
  {
    // Why: each scan is written once, read for reports, and deleted when retention says so.
    container: 'connectorwatch-scans'
    role: blobContributor
  }
  {
    // Why: the list of tenants and the policy are read; only people write them.
    container: 'connectorwatch-config'
    role: blobReader
  }
  {
    // Why: the host keeps locks, leases and the timers' schedules here; Functions names Owner for its own storage.
    container: 'azure-webjobs-hosts'
    role: blobOwner
  }
  {
    // Why: the host keeps the function keys here, for the same reason with the same role.
    container: 'azure-webjobs-secrets'
    role: blobOwner
  }
]

resource containers 'Microsoft.Storage/storageAccounts/blobServices/containers@2026-09-01' existing = [for item in onContainers: {
  parent: blobs
  name: item.container
}]

resource containerRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (item, place) in onContainers: {
  name: guid(account.id, item.container, identityName, item.role)
  scope: containers[place]
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', item.role)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}]

resource package 'Microsoft.Storage/storageAccounts/blobServices/containers@2026-09-01' existing = {
  parent: blobs
  name: 'app-package'
}

// Why: the platform stores and fetches the package with this identity; Functions asks for this role on the container.
resource packageRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, 'app-package', packageIdentityName, blobContributor)
  scope: package
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobContributor)
    principalId: packagePrincipalId
    principalType: 'ServicePrincipal'
  }
}

// Why: scan-requests is written by the schedule and the API and read by the trigger; what fails five times is moved to
// -poison by the host and read by failed_scan.
var onQueues = [
  'scan-requests'
  'scan-requests-poison'
]

resource queue 'Microsoft.Storage/storageAccounts/queueServices/queues@2026-09-01' existing = [for item in onQueues: {
  parent: queues
  name: item
}]

resource queueRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (item, place) in onQueues: {
  name: guid(account.id, item, identityName, queueContributor)
  scope: queue[place]
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', queueContributor)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}]

// Why: the app writes and reads its views. The host would also like to write a table of diagnostic events; it works
// without, and says so once in its log.
var onTables = [
  'ConnectorFindings'
  'ConnectorScans'
  'ConnectorTenants'
  'ConnectorInventory'
  'ConnectorGroups'
  'ConnectorApplications'
]

resource table 'Microsoft.Storage/storageAccounts/tableServices/tables@2026-09-01' existing = [for item in onTables: {
  parent: tables
  name: item
}]

resource tableRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (item, place) in onTables: {
  name: guid(account.id, item, identityName, tableContributor)
  scope: table[place]
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', tableContributor)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}]
