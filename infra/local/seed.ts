import { KMSClient } from '@aws-sdk/client-kms'
import type { RDSDataClient } from '@aws-sdk/client-rds-data'
import { makeAdministration } from '#shared/adapters/database/administration.ts'
import {
  type DataApi,
  type DataApiSettings,
  makeDataApi,
} from '#shared/adapters/database/data-api.ts'
import { makeKmsDataKeys, makeTenantKeys } from '#shared/adapters/keys/kms-keys.ts'
import type { TenantKeys } from '#shared/ports/tenant-keys.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'
import { demoTenants } from './demo-tenants.ts'
import { place } from './resources.ts'
import { StartRefused } from './settings.ts'

type DemoTenant = (typeof demoTenants)[number]

interface Known {
  readonly tenantId: string
  readonly indexKey: Uint8Array
  readonly hasClient: boolean
  readonly hasMail: boolean
}

/**
 * Makes sure, as the schema's owner, that the demo tenants are there, with their senders and a
 * client of this issuer: a kept database may have been used from another port. Throws StartRefused
 * when its keys were made by a stack whose master key is gone.
 */
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
  const kms = new KMSClient({
    endpoint: options.kms.url,
    region: place.region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  const keys = makeTenantKeys(makeKmsDataKeys(kms, options.kms.keyArn))
  for (const tenant of demoTenants) {
    await seedTenant({ database, keys, issuer: options.issuer }, tenant)
  }
  kms.destroy()
}

async function seedTenant(
  { database, keys, issuer }: { database: DataApi; keys: TenantKeys; issuer: string },
  tenant: DemoTenant,
): Promise<void> {
  const administration = makeAdministration(database, keys)
  const known = await findTenant(database, tenant, issuer)
  if (known !== undefined) await mustOpen(keys, known)
  const tenantId = known?.tenantId ?? (await administration.addTenant({ name: tenant.name }))
  if (known?.hasClient !== true) {
    await administration.addClient({
      tenantId,
      issuer,
      oidcClientId: tenant.clientId,
      // A script on one machine is welcome to hurry.
      ratePerSecond: 2000,
      burst: 20_000,
    })
  }
  if (known === undefined) {
    const { phoneNumberId, wabaId, secretName } = tenant.sender
    const sender = { phoneNumberId, wabaId, secretName, isDefault: true }
    await administration.addSender({ tenantId, channel: 'WHATSAPP', ...sender })
  }
  if (known?.hasMail !== true) {
    const sender = { mail: tenant.mail, isDefault: true }
    await administration.addSender({ tenantId, channel: 'EMAIL', ...sender })
  }
}

/** By the sender's number, which only one tenant can have. */
async function findTenant(
  database: DataApi,
  tenant: DemoTenant,
  issuer: string,
): Promise<Known | undefined> {
  const [row] = await database.query(
    `select t.tenant_id::text as tenant_id, t.wrapped_index_key as index_key, exists (
       select 1 from clients c where c.tenant_id = t.tenant_id and c.issuer = :issuer
         and c.oidc_client_id = :client) as has_client, exists (
       select 1 from senders m where m.tenant_id = t.tenant_id and m.channel = 'EMAIL') as has_mail
     from tenants t
     join senders s on s.tenant_id = t.tenant_id
     where s.phone_number_id = :phone`,
    { issuer, client: tenant.clientId, phone: tenant.sender.phoneNumberId },
  )
  const { tenant_id: tenantId, index_key: indexKey } = row ?? {}
  return typeof tenantId === 'string' && indexKey instanceof Uint8Array
    ? {
        tenantId,
        indexKey,
        hasClient: row?.has_client === true,
        hasMail: row?.has_mail === true,
      }
    : undefined
}

async function mustOpen(keys: TenantKeys, { tenantId, indexKey }: Known): Promise<void> {
  try {
    await keys.unwrap(tenantId, 'index', indexKey)
  } catch {
    throw new StartRefused(
      'The database holds tenants whose keys another stack made: start with the --data folder ' +
        'that it was first used with, or with an empty database.',
    )
  }
}
