// Where changes are sent for Microsoft Sentinel: a table in Log Analytics and the rule that lets the identity write to it.
// The rule has an endpoint of its own (kind Direct), which takes calls from the internet that are signed by an identity
// with a role on this rule. Rows: findings/views/log_rows.py; a test compares the columns.
param suffix string
param location string
param tags { *: string }
param identityName string
param principalId string
param workspaceName string
param workspaceId string

@minValue(4)
@maxValue(730)
@description('For how many days the table keeps rows; 90 and fewer cost nothing where Sentinel is on.')
param days int = 90

var table = 'ConnectorwatchChanges_CL'
var stream = 'Custom-${table}'
var columns = [
  {
    name: 'TimeGenerated'
    type: 'datetime'
  }
  {
    name: 'ChangeId'
    type: 'string'
  }
  {
    name: 'EntraTenantId'
    type: 'string'
  }
  {
    name: 'EntraTenantName'
    type: 'string'
  }
  {
    name: 'ScanId'
    type: 'string'
  }
  {
    name: 'FirstScan'
    type: 'boolean'
  }
  {
    name: 'Source'
    type: 'string'
  }
  {
    name: 'Change'
    type: 'string'
  }
  {
    name: 'SubjectType'
    type: 'string'
  }
  {
    name: 'SubjectId'
    type: 'string'
  }
  {
    name: 'SubjectName'
    type: 'string'
  }
  {
    name: 'FindingKey'
    type: 'string'
  }
  {
    name: 'RuleId'
    type: 'string'
  }
  {
    name: 'RuleTitle'
    type: 'string'
  }
  {
    name: 'Severity'
    type: 'string'
  }
  {
    name: 'Message'
    type: 'string'
  }
  {
    name: 'Remedy'
    type: 'string'
  }
  {
    name: 'ByPolicy'
    type: 'boolean'
  }
  {
    name: 'ResolvedBy'
    type: 'string'
  }
  {
    name: 'Ending'
    type: 'string'
  }
  {
    name: 'Before'
    type: 'string'
  }
  {
    name: 'After'
    type: 'string'
  }
  {
    name: 'Moved'
    type: 'dynamic'
  }
]

resource workspace 'Microsoft.OperationalInsights/workspaces@2026-03-01' existing = {
  name: workspaceName
}

resource changes 'Microsoft.OperationalInsights/workspaces/tables@2026-03-01' = {
  parent: workspace
  name: table
  properties: {
    plan: 'Analytics'
    retentionInDays: days
    schema: {
      name: table
      columns: columns
    }
  }
}

resource rule 'Microsoft.Insights/dataCollectionRules@2024-03-11' = {
  // A rule with an endpoint of its own has 30 characters at most.
  name: 'dcr-cw-${suffix}'
  location: location
  tags: tags
  kind: 'Direct'
  // A rule for a table that is not there is refused.
  dependsOn: [
    changes
  ]
  properties: {
    streamDeclarations: {
      '${stream}': {
        columns: columns
      }
    }
    destinations: {
      logAnalytics: [
        {
          name: 'workspace'
          workspaceResourceId: workspaceId
        }
      ]
    }
    dataFlows: [
      {
        streams: [
          stream
        ]
        destinations: [
          'workspace'
        ]
        transformKql: 'source'
        outputStream: stream
      }
    ]
  }
}

// Monitoring Metrics Publisher
var metricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'

// Why: whoever writes rows needs this role, on this rule and nothing else. It reads nothing.
resource writes 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(rule.id, identityName, metricsPublisher)
  scope: rule
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', metricsPublisher)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

// App settings of the function app; none of them is a secret.
output settings { *: string } = {
  CONNECTORWATCH_LOGS_ENDPOINT: rule.properties.endpoints.logsIngestion
  CONNECTORWATCH_LOGS_RULE_ID: rule.properties.immutableId
  CONNECTORWATCH_LOGS_STREAM: stream
}
