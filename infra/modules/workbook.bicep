// The workbook: scans, findings and deliveries on one page. Its content is infra/workbook.json.
param location string
param tags { *: string }
param workspaceId string
param workspaceName string

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, workspaceName, 'connectorwatch')
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
