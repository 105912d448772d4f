// asks module identity for an output that it does not have
module identity '../../../infra/modules/identity.bicep' = {
  name: 'identity'
  params: {
    name: 'id'
    location: 'westeurope'
    tags: {}
  }
}

output said string = identity.outputs.objectId
