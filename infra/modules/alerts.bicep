// What nobody would notice otherwise: scans given up, tenants not scanned, a service that says nothing, functions that fail.
// Each asks for invocations rather than log lines where it can: the host never samples those away.
param suffix string
param location string
param tags { *: string }
param workspaceId string
param alertEmail string
param silenceHours int

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(alertEmail)) {
  name: 'ag-connectorwatch-${suffix}'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'connwatch'
    enabled: true
    emailReceivers: [
      {
        name: 'alerts'
        emailAddress: alertEmail
        useCommonAlertSchema: true
      }
    ]
  }
}

// Every function of the app: `make docs` writes this file, and a test compares it with the app.
var functionNames = join(map(loadJsonContent('../functions.json'), name => '"${name}"'), ', ')

var alerts = [
  {
    name: 'scan-given-up'
    enabled: true
    title: 'connectorwatch: a scan was given up'
    description: 'A scan failed five times and is not tried again. SVC001 on the fleet page says which tenant and why.'
    severity: 1
    query: 'AppRequests | where Name == "failed_scan" | summarize found = count()'
    over: 'PT15M'
    every: 'PT15M'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'tenants-not-scanned'
    enabled: true
    title: 'connectorwatch: tenants are not scanned'
    description: 'The watchdog found tenants without a stored scan for longer than max_scan_age_hours. SVC002 on the fleet page names them.'
    severity: 1
    query: 'AppTraces | where Message has "tenants are not scanned" | summarize found = count()'
    over: 'PT2H'
    every: 'PT1H'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'silence'
    enabled: silenceHours > 0
    title: 'connectorwatch: silence'
    description: 'No scan has finished for ${silenceHours} hours, whatever the reason: an app that does not start says nothing either.'
    severity: 1
    query: 'AppRequests | where TimeGenerated > ago(${silenceHours}h) | where Name == "scan_tenant" and Success == true | summarize found = count()'
    over: 'P2D'
    every: 'PT1H'
    operator: 'LessThan'
    threshold: 1
  }
  {
    name: 'function-fails'
    enabled: true
    title: 'connectorwatch: a function fails'
    description: 'A schedule, a scan, a delivery, retention or a page failed; the exception is in the same invocation. Answers that refuse a request (400 to 499) are not counted.'
    severity: 2
    query: 'AppRequests | where Name in (${functionNames}) and Success == false and not(ResultCode startswith "4") | summarize found = count()'
    over: 'PT1H'
    every: 'PT1H'
    operator: 'GreaterThan'
    threshold: 0
  }
]

resource rules 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [for alert in alerts: {
  name: 'alert-${alert.name}-${suffix}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: alert.title
    description: alert.description
    enabled: alert.enabled
    severity: alert.severity
    scopes: [
      workspaceId
    ]
    evaluationFrequency: alert.every
    windowSize: alert.over
    autoMitigate: true
    // A workspace that is a minute old may not know the tables yet, and would refuse the rule.
    skipQueryValidation: true
    criteria: {
      allOf: [
        {
          query: alert.query
          metricMeasureColumn: 'found'
          timeAggregation: 'Total'
          operator: alert.operator
          threshold: alert.threshold
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    actions: {
      actionGroups: empty(alertEmail) ? [] : [
        people.id
      ]
    }
  }
}]
