// The Functions app: Flex Consumption, Python 3.13, started from a package in the storage account, without any key.
param suffix string
param location string
param tags object
param identityId string
param identityClientId string
param storageName string
param blobEndpoint string
param vaultUri string
param connectionString string
param workspaceId string
param subnetId string
param tenantId string
param tenantsBlob string
param policyBlob string
param federatedClientId string
param webhookSettings string
param publicUrl string
param webhookHosts string
param spreadMinutes int
param scanSchedule string
param digestSchedule string
param watchdogSchedule string
param retentionSchedule string
param deliverySchedule string
// Of modules that may be left out.
param moreSettings object

// No secret among them: identities, addresses, schedules.
var settings = {
  AzureWebJobsStorage__accountName: storageName
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: connectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  // Which identity is meant where a library is told none, and that no other kind is to be tried.
  AZURE_CLIENT_ID: identityClientId
  AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential'
  // Sign-in proves itself with the identity instead of a client secret, and takes people of this tenant only.
  OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID: identityClientId
  WEBSITE_AUTH_AAD_ALLOWED_TENANTS: tenant().tenantId
  CONNECTORWATCH_STORAGE: 'https://${storageName}.blob.${environment().suffixes.storage}'
  CONNECTORWATCH_CREDENTIAL: empty(federatedClientId) ? 'managed_identity' : 'federated'
  CONNECTORWATCH_CLIENT_ID: empty(federatedClientId) ? identityClientId : federatedClientId
  CONNECTORWATCH_IDENTITY_CLIENT_ID: identityClientId
  CONNECTORWATCH_TENANT_ID: empty(tenantsBlob) ? tenantId : ''
  CONNECTORWATCH_TENANTS: empty(tenantsBlob) ? '' : '${blobEndpoint}connectorwatch-config/${tenantsBlob}'
  CONNECTORWATCH_POLICY: empty(policyBlob) ? '' : '${blobEndpoint}connectorwatch-config/${policyBlob}'
  CONNECTORWATCH_PUBLIC_URL: publicUrl
  CONNECTORWATCH_WEBHOOK_HOSTS: webhookHosts
  CONNECTORWATCH_SPREAD_MINUTES: '${spreadMinutes}'
  SCAN_SCHEDULE: scanSchedule
  DIGEST_SCHEDULE: digestSchedule
  WATCHDOG_SCHEDULE: watchdogSchedule
  RETENTION_SCHEDULE: retentionSchedule
  DELIVERY_SCHEDULE: deliverySchedule
}
var plainSettings = [for item in items(union(settings, moreSettings)): {
  name: item.key
  value: item.value
}]

// The secrets: each setting holds a reference, and the platform reads the value from Key Vault.
var secretNames = empty(webhookSettings) ? [] : split(replace(webhookSettings, ' ', ''), ',')
var secretSettings = [for name in secretNames: {
  name: name
  value: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/${toLower(replace(name, '_', '-'))})'
}]

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  // checkov:skip=CKV_AZURE_225:Flex Consumption starts elsewhere by itself when a zone fails; a late scan is told of (SVC002) and made up for
  name: 'plan-connectorwatch-${suffix}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
  }
}

resource site 'Microsoft.Web/sites@2024-04-01' = {
  // checkov:skip=CKV_AZURE_222:people and machines reach the pages and the API here; a function key or sign-in lets them in
  // checkov:skip=CKV_AZURE_17:machines prove themselves with a function key, people by signing in; neither has a client certificate
  // checkov:skip=CKV_AZURE_212:the plan scales to zero between scans, which is its price; a timer wakes it
  // checkov:skip=CKV_AZURE_213:Flex Consumption has no health check of its own; api/health and the alert on silence stand for it
  name: 'func-connectorwatch-${suffix}'
  location: location
  tags: union(tags, {
    'azd-service-name': 'app'
  })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    publicNetworkAccess: 'Enabled'
    clientAffinityEnabled: false
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${blobEndpoint}app-package'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'python'
        version: '3.13'
      }
      scaleAndConcurrency: {
        // The least that the plan takes. A scan waits mostly for Graph, which throttles a tenant and not an instance.
        maximumInstanceCount: 40
        instanceMemoryMB: 2048
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      http20Enabled: true
      ftpsState: 'Disabled'
      appSettings: concat(plainSettings, secretSettings)
    }
  }
}

// Nobody deploys with a user name and a password.
resource noFtpPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: site
  name: 'ftp'
  properties: {
    allow: false
  }
}

resource noScmPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: site
  name: 'scm'
  properties: {
    allow: false
  }
}

// What the host itself says, also when telemetry of the app does not arrive.
resource hostLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-log-analytics'
  scope: site
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'FunctionAppLogs'
        enabled: true
      }
    ]
  }
}

output name string = site.name
output url string = 'https://${site.properties.defaultHostName}'
