// is no file
module nothing 'nowhere.bicep' = {
  name: 'nothing'
}
