// is no Bicep
param name string
var broken = {
  name: name
