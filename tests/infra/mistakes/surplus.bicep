// is given colour, which it does not take
module identity '../../../infra/modules/identity.bicep' = {
  name: 'identity'
  params: {
    name: 'id'
    location: 'westeurope'
    tags: {}
    colour: 'blue'
  }
}
