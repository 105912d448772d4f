// The workbook: scans, findings and deliveries on one page. Its content is infra/workbook.json.
param suffix string
param location string
param tags object
param workspaceId string

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(workspaceId, suffix, 'connectorwatch')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'connectorwatch'
    category: 'workbook'
    sourceId: workspaceId
    serializedData: loadTextContent('../workbook.json')
  }
}

output id string = workbook.id
