// Every choice made: many tenants, a network, sign-in, secrets, Sentinel, immutable scans, alerts by mail.
using '../../../infra/main.bicep'

param environmentName = 'everything'
param location = 'westeurope'
param graphCloud = 'global'
param tenantsBlob = 'tenants.yaml'
param policyBlob = 'policy.yaml'
param federatedClientId = '00000000-0000-0000-0000-00000000000c'
param scanSchedule = '0 0 4 * * *'
param digestSchedule = '0 0 8 * * 5'
param watchdogSchedule = '0 15 * * * *'
param retentionSchedule = '0 0 2 * * *'
param deliverySchedule = '0 */10 * * * *'
param retentionDays = 500
param immutabilityDays = 400
param undeleteDays = 30
param storageSku = 'Standard_GZRS'
param privateNetworking = true
param networkPrefix = '10.84.0.0/24'
param appPrefix = '10.84.0.0/26'
param endpointsPrefix = '10.84.0.64/26'
param authClientId = '00000000-0000-0000-0000-00000000000a'
param webhookSettings = 'CONNECTORWATCH_TEAMS_WEBHOOK_URL, OTEL_EXPORTER_OTLP_HEADERS'
param publicUrl = 'https://connectors.example.com'
param webhookHosts = 'hooks.example.com'
param spreadMinutes = 120
param otlpEndpoint = 'https://otlp.example.com'
param alertEmail = 'alerts@example.com'
param silenceHours = 30
param logDays = 180
param logDailyGb = 5
param sentinel = true
