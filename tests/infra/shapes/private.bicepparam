// Storage and Key Vault by private endpoints alone.
using '../../../infra/main.bicep'

param environmentName = 'private'
param location = 'westeurope'
param privateNetworking = true
