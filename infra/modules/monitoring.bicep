// Where logs go. Neither takes a key: what is sent is signed by the identity, what is read is read by people's own roles.
param suffix string
param workspaceName string
param location string
param tags { *: string }
// A name known beforehand, so that what is deployed can be predicted; the role is given to principalId.
param identityName string
param principalId string
param logDays int
param logDailyGb int

resource workspace 'Microsoft.OperationalInsights/workspaces@2026-03-01' = {
  name: workspaceName
  location: location
  tags: tags
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: logDays
    workspaceCapping: {
      dailyQuotaGb: logDailyGb
    }
    features: {
      disableLocalAuth: true
      enableLogAccessUsingOnlyResourcePermissions: true
    }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-connectorwatch-${suffix}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    IngestionMode: 'LogAnalytics'
    DisableLocalAuth: true
  }
}

// Monitoring Metrics Publisher
var metricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'

// Why: with local authentication off, telemetry is taken from identities with this role only. This component, no other.
resource publishes 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, identityName, metricsPublisher)
  scope: insights
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', metricsPublisher)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

output workspaceId string = workspace.id
// No secret: with local authentication off it is an address, and opens nothing.
output connectionString string = insights.properties.ConnectionString
