// The Functions app: Flex Consumption, Python 3.13, started from a package in the storage account, without any key.
param suffix string
param name string
param location string
param tags { *: string }
param identityId string
param identityClientId string
param packageIdentityId string
param storageName string
param vaultUri string
param connectionString string
param workspaceId string
param subnetId string
param graphCloud string
param tenantId string
param tenantsBlob string
param policyBlob string
param federatedClientId string
// Names of app settings that are read from Key Vault.
param secretSettings string[]
param publicUrl string
param webhookHosts string
param spreadMinutes int
param scanSchedule string
param digestSchedule string
param watchdogSchedule string
param retentionSchedule string
param deliverySchedule string
// Of modules that may be left out.
param moreSettings { *: string }

// With the account's name alone the host would look for it in the public cloud.
var storageSuffix = environment().suffixes.storage
var blobEndpoint = 'https://${storageName}.blob.${storageSuffix}/'
// Which Microsoft Graph and which sign-in belong to the cloud that this is deployed to.
var graphClouds = {
  AzureCloud: 'global'
  AzureUSGovernment: 'usgov'
  AzureChinaCloud: 'china'
}
// No secret among them: identities, addresses, schedules.
var settings = {
  AzureWebJobsStorage__blobServiceUri: 'https://${storageName}.blob.${storageSuffix}'
  AzureWebJobsStorage__queueServiceUri: 'https://${storageName}.queue.${storageSuffix}'
  AzureWebJobsStorage__tableServiceUri: 'https://${storageName}.table.${storageSuffix}'
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
  CONNECTORWATCH_STORAGE: 'https://${storageName}.blob.${storageSuffix}'
  CONNECTORWATCH_CREDENTIAL: empty(federatedClientId) ? 'managed_identity' : 'federated'
  CONNECTORWATCH_CLOUD: empty(graphCloud) ? graphClouds[environment().name] : graphCloud
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
var references = [for setting in secretSettings: {
  name: setting
  value: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/${toLower(replace(setting, '_', '-'))})'
}]

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
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

resource site 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: union(tags, {
    'azd-service-name': 'app'
  })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: union(
      {
        '${identityId}': {}
      },
      {
        '${packageIdentityId}': {}
      }
    )
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
            userAssignedIdentityResourceId: packageIdentityId
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
      appSettings: concat(plainSettings, references)
    }
  }
}

// Nobody deploys with a user name and a password.
resource noFtpPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: site
  name: 'ftp'
  properties: {
    allow: false
  }
}

resource noScmPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: site
  name: 'scm'
  properties: {
    allow: false
  }
}

// What the host itself says, also when telemetry of the app does not arrive.
#disable-next-line use-recent-api-versions // the only stable version is of 2016 and allows one setting a resource
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
