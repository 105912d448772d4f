// connectorwatch in Azure: one resource group with everything in it. docs/deploy.md says how, what it costs and how to
// undo it. Nothing here is a secret, and nothing here gives the identity a permission in Microsoft Graph: an
// administrator does that once, with `connectorwatch grant`.
targetScope = 'subscription'

@minLength(1)
@maxLength(32)
@description('Name of the azd environment; resource names are made from it.')
param environmentName string

@minLength(1)
@description('Region of all resources; Flex Consumption must be offered there.')
param location string

@description('The tenant to scan, where there is no list of tenants; empty means the subscription\'s own.')
param tenantId string = ''

@allowed([
  ''
  'global'
  'usgov'
  'usgov-dod'
  'china'
])
@description('Where Microsoft Graph and sign-in are; empty for those of the cloud that this is deployed to.')
param graphCloud string = ''

@description('Name of the blob in container connectorwatch-config that lists many tenants; empty for one tenant.')
param tenantsBlob string = ''

@description('Name of the blob in container connectorwatch-config that holds the policy; empty for the deployed policy.yaml.')
param policyBlob string = ''

@description('Client id of the multi-tenant app that scans other tenants, with the identity as its federated credential; empty where the identity itself scans.')
param federatedClientId string = ''

@description('When scans start: NCRONTAB, UTC; empty means 0 0 6 * * *.')
param scanSchedule string = ''

@description('When digests are made; empty means 0 0 7 * * 1.')
param digestSchedule string = ''

@description('When tenants without a recent scan are looked for; empty means 0 30 * * * *.')
param watchdogSchedule string = ''

@description('When old scans are let go; empty means 0 0 3 * * *.')
param retentionSchedule string = ''

@description('When waiting messages are delivered; empty means 0 */5 * * * *.')
param deliverySchedule string = ''

@minValue(1)
@maxValue(36500)
@description('The policy\'s retention_days. The app keeps scans as long as its policy says; here the number holds immutabilityDays in check.')
param retentionDays int = 400

@minValue(0)
@maxValue(36500)
@description('For how many days nobody can change or delete what is in container connectorwatch-scans; 0 for no such policy.')
param immutabilityDays int = 0

@minValue(1)
@maxValue(365)
@description('For how many days a deleted blob, and a version that was replaced, can be brought back.')
param undeleteDays int = 14

@allowed([
  'Standard_ZRS'
  'Standard_GRS'
  'Standard_GZRS'
])
@description('How storage keeps copies: Standard_GRS where a region has no zones.')
param storageSku string = 'Standard_ZRS'

@description('Whether storage and Key Vault are reached by private endpoints only, with the app in a virtual network.')
param privateNetworking bool = false

@description('Whether the platform fetches the app\'s package with an identity of its own, so that the app\'s identity cannot replace it.')
param separateDeploymentIdentity bool = true

@description('Address range of that virtual network.')
param networkPrefix string = '10.83.0.0/24'

@description('The part of it for the app\'s outward calls: /27 or larger.')
param appPrefix string = '10.83.0.0/26'

@description('The part of it for the private endpoints: /28 or larger.')
param endpointsPrefix string = '10.83.0.64/26'

@description('Client id of the app registration with which people sign in to the pages; empty for no pages, keys only.')
param authClientId string = ''

@description('Names of app settings whose values are secrets, with commas between; each is read from the Key Vault secret of the same name in lower case with hyphens.')
param webhookSettings string = ''

@description('Where people reach the pages, for links in messages; empty for no links. APP_URL is known after the first deployment.')
param publicUrl string = ''

@description('Hosts besides those of Teams Workflows that may be posted to, with commas between.')
param webhookHosts string = ''

@minValue(0)
@maxValue(1380)
@description('Over how many minutes the scheduled scans of many tenants are spread.')
param spreadMinutes int = 60

@description('Base address of an OTLP receiver over HTTP for traces and metrics; empty to send none.')
param otlpEndpoint string = ''

@description('Where alerts are sent; empty to see them in the portal only.')
param alertEmail string = ''

@minValue(0)
@maxValue(47)
@description('After how many hours without one finished scan the service counts as silent. A daily schedule needs 26 or more; 0 for no such alert, where scans are rarer.')
param silenceHours int = 26

@minValue(30)
@maxValue(730)
@description('For how many days Log Analytics keeps logs.')
param logDays int = 90

@description('The most that Log Analytics takes in a day, in GB: a lid on the bill.')
param logDailyGb int = 1

@description('Whether changes are also sent to a table in Log Analytics, for Microsoft Sentinel; docs/telemetry.md.')
param sentinel bool = false

var suffix = uniqueString(subscription().id, environmentName, location)
var identityName = 'id-connectorwatch-${suffix}'
var packageIdentityName = separateDeploymentIdentity ? 'id-connectorwatch-package-${suffix}' : identityName
var storageName = 'stcw${suffix}'
var appName = 'func-connectorwatch-${suffix}'
var vaultName = 'kv-cw-${suffix}'
var workspaceName = 'log-connectorwatch-${suffix}'
// Settings and secrets: CONNECTORWATCH_X is read from the secret connectorwatch-x.
var secretSettings = empty(webhookSettings) ? [] : split(replace(webhookSettings, ' ', ''), ',')
// Storage would refuse to delete what the policy lets the app delete. The deployment stops here, before it changes anything.
var checkedImmutabilityDays = immutabilityDays > retentionDays
  ? fail('IMMUTABILITY_DAYS (${immutabilityDays}) is longer than RETENTION_DAYS (${retentionDays}). Shorten it, or lengthen both RETENTION_DAYS and retention_days in the policy.')
  : immutabilityDays
var openTo = privateNetworking ? 'Disabled' : 'Enabled'
var unlessAllowed = privateNetworking ? 'Deny' : 'Allow'
var tags = {
  'azd-env-name': environmentName
}

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  scope: group
  params: {
    name: identityName
    location: location
    tags: tags
  }
}

module packageIdentity 'modules/identity.bicep' = if (separateDeploymentIdentity) {
  scope: group
  params: {
    name: packageIdentityName
    location: location
    tags: tags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    suffix: suffix
    location: location
    tags: tags
    workspaceName: workspaceName
    identityName: identityName
    principalId: identity.outputs.principalId
    logDays: logDays
    logDailyGb: logDailyGb
  }
}

module storage 'modules/storage.bicep' = {
  scope: group
  params: {
    name: storageName
    location: location
    tags: tags
    sku: storageSku
    immutabilityDays: checkedImmutabilityDays
    undeleteDays: undeleteDays
    publicNetworkAccess: openTo
    networkDefault: unlessAllowed
    workspaceId: monitoring.outputs.workspaceId
  }
}

module storageRoles 'modules/storage-roles.bicep' = {
  scope: group
  dependsOn: [
    storage
  ]
  params: {
    accountName: storageName
    identityName: identityName
    principalId: identity.outputs.principalId
    packageIdentityName: packageIdentityName
    packagePrincipalId: packageIdentity.?outputs.principalId ?? identity.outputs.principalId
  }
}

module vault 'modules/vault.bicep' = {
  scope: group
  params: {
    name: vaultName
    location: location
    tags: tags
    secretNames: map(secretSettings, name => toLower(replace(name, '_', '-')))
    identityName: identityName
    principalId: identity.outputs.principalId
    publicNetworkAccess: openTo
    networkDefault: unlessAllowed
    workspaceId: monitoring.outputs.workspaceId
  }
}

module network 'modules/network.bicep' = if (privateNetworking) {
  scope: group
  params: {
    suffix: suffix
    location: location
    tags: tags
    networkPrefix: networkPrefix
    appPrefix: appPrefix
    endpointsPrefix: endpointsPrefix
    storageId: storage.outputs.id
    vaultId: vault.outputs.id
  }
}

module app 'modules/app.bicep' = {
  scope: group
  // The host reads storage in its first second: roles first, or it starts without keys and timers.
  dependsOn: [
    storageRoles
  ]
  params: {
    suffix: suffix
    location: location
    tags: tags
    name: appName
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    packageIdentityId: packageIdentity.?outputs.id ?? identity.outputs.id
    storageName: storageName
    vaultUri: vault.outputs.uri
    connectionString: monitoring.outputs.connectionString
    workspaceId: monitoring.outputs.workspaceId
    subnetId: network.?outputs.appSubnetId ?? ''
    tenantId: empty(tenantId) ? tenant().tenantId : tenantId
    graphCloud: graphCloud
    tenantsBlob: tenantsBlob
    policyBlob: policyBlob
    federatedClientId: federatedClientId
    moreSettings: union(changes.?outputs.settings ?? {}, empty(otlpEndpoint) ? {} : {
      OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint
    })
    publicUrl: publicUrl
    webhookHosts: webhookHosts
    spreadMinutes: spreadMinutes
    secretSettings: secretSettings
    scanSchedule: empty(scanSchedule) ? '0 0 6 * * *' : scanSchedule
    digestSchedule: empty(digestSchedule) ? '0 0 7 * * 1' : digestSchedule
    watchdogSchedule: empty(watchdogSchedule) ? '0 30 * * * *' : watchdogSchedule
    retentionSchedule: empty(retentionSchedule) ? '0 0 3 * * *' : retentionSchedule
    deliverySchedule: empty(deliverySchedule) ? '0 */5 * * * *' : deliverySchedule
  }
}

module auth 'modules/auth.bicep' = if (!empty(authClientId)) {
  scope: group
  dependsOn: [
    app
  ]
  params: {
    appName: appName
    clientId: authClientId
  }
}

module alerts 'modules/alerts.bicep' = {
  scope: group
  params: {
    suffix: suffix
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    alertEmail: alertEmail
    silenceHours: silenceHours
  }
}

module workbook 'modules/workbook.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    workspaceName: workspaceName
  }
}

module changes 'modules/sentinel.bicep' = if (sentinel) {
  scope: group
  params: {
    suffix: suffix
    location: location
    tags: tags
    identityName: identityName
    principalId: identity.outputs.principalId
    workspaceName: workspaceName
    workspaceId: monitoring.outputs.workspaceId
  }
}

output AZURE_RESOURCE_GROUP string = group.name
output APP_NAME string = app.outputs.name
output APP_URL string = app.outputs.url
output APP_PRINCIPAL_ID string = identity.outputs.principalId
output APP_CLIENT_ID string = identity.outputs.clientId
output STORAGE_ACCOUNT string = storage.outputs.name
output VAULT_NAME string = vault.outputs.name
