// The fewest resources: one tenant, one identity, keys only, the portal's alerts.
using '../../../infra/main.bicep'

param environmentName = 'smallest'
param location = 'westeurope'
param separateDeploymentIdentity = false
