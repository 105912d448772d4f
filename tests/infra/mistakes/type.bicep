// is a type for which tools/check_properties.py knows no model
param name string

resource account 'Microsoft.Storage/storageAccount@2023-05-01' = {
  name: name
}
