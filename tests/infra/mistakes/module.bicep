// is not given principalId
module storageRoles '../../../infra/modules/storage-roles.bicep' = {
  name: 'storage-roles'
  params: {
    accountName: 'stcw'
  }
}
