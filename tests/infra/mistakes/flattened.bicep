// 10: `skipValidation` is no property of ScheduledQueryRuleResource.properties
param location string
param workspaceId string

resource rules 'Microsoft.Insights/scheduledQueryRules@2022-06-15' = [for name in ['one', 'two']: {
  name: name
  location: location
  kind: 'LogAlert'
  properties: {
    skipValidation: true
    scopes: [
      workspaceId
    ]
  }
}]
