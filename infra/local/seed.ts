import { KMSClient } from '@aws-sdk/client-kms'
import type { RDSDataClient } from '@aws-sdk/client-rds-data'
import { makeAdministration } from '#shared/adapters/database/administration.ts'
import { type DataApiSettings, makeDataApi } from '#shared/adapters/database/data-api.ts'
import { makeKmsDataKeys, makeTenantKeys } from '#shared/adapters/keys/kms-keys.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'
import { demoTenants } from './demo-tenants.ts'
import { place } from './resources.ts'

/** Adds the demo tenants with their clients and senders, unless the database has tenants already. */
export async function seedTenants(options: {
  readonly client: RDSDataClient
  readonly settings: DataApiSettings
  readonly kms: { readonly url: string; readonly keyArn: string }
  readonly issuer: string
}): Promise<void> {
  const database = makeDataApi(options.client, options.settings, {
    clock: systemClock,
    randomness: systemRandomness,
    pause: async () => undefined,
  })
  const [known] = await database.query('select 1 as one from tenants where tenant_id > 0 limit 1')
  if (known !== undefined) return
  const kms = new KMSClient({
    endpoint: options.kms.url,
    region: place.region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  const keys = makeTenantKeys(makeKmsDataKeys(kms, options.kms.keyArn))
  const administration = makeAdministration(database, keys)
  for (const tenant of demoTenants) {
    const tenantId = await administration.addTenant({ name: tenant.name })
    await administration.addClient({
      tenantId,
      issuer: options.issuer,
      oidcClientId: tenant.clientId,
      // A script on one machine is welcome to hurry.
      ratePerSecond: 2000,
      burst: 20_000,
    })
    await administration.addSender({
      tenantId,
      channel: 'WHATSAPP',
      phoneNumberId: tenant.sender.phoneNumberId,
      wabaId: tenant.sender.wabaId,
      secretName: tenant.sender.secretName,
      isDefault: true,
    })
  }
  kms.destroy()
}
