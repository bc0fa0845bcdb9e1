import type { Channel } from '../../domain/channel.ts'
import type { TenantKeys } from '../../ports/tenant-keys.ts'
import type { DataApi } from './data-api.ts'
import { text } from './row-values.ts'

export interface NewTenant {
  readonly name: string
  readonly timeZone?: string
}

export interface NewClient {
  readonly tenantId: string
  readonly issuer: string
  readonly oidcClientId: string
  readonly ratePerSecond?: number
  readonly burst?: number
}

export interface NewSender {
  readonly tenantId: string
  readonly channel: Channel
  readonly phoneNumberId?: string
  readonly wabaId?: string
  readonly fromAddress?: string
  readonly secretName?: string
  readonly isDefault: boolean
}

/** What operators add by hand: tenants with their keys, clients and senders. Answers new ids. */
export function makeAdministration(database: DataApi, keys: TenantKeys) {
  async function insert(sql: string, parameters: Parameters<DataApi['query']>[1]): Promise<string> {
    const [row] = await database.query(sql, parameters)
    if (row === undefined) throw new Error('nothing was added')
    return text(row, 'id')
  }

  return {
    addTenant: async ({ name, timeZone }: NewTenant): Promise<string> => {
      const tenantId = await insert(
        `insert into tenants (name, time_zone) values (:name, :zone)
         returning tenant_id::text as id`,
        { name, zone: timeZone ?? 'America/Sao_Paulo' },
      )
      // Keys are bound to the tenant's id, so they come second; until then the tenant is not loaded.
      await database.query(
        `insert into tenant_keys (tenant_id, epoch, wrapped_data_key)
         values (:tenant::bigint, 1, :key)`,
        { tenant: tenantId, key: await keys.create(tenantId, 'data:1') },
      )
      await database.query(
        'update tenants set wrapped_index_key = :key where tenant_id = :tenant::bigint',
        { tenant: tenantId, key: await keys.create(tenantId, 'index') },
      )
      return tenantId
    },
    addClient: (client: NewClient): Promise<string> =>
      insert(
        `insert into clients
           (tenant_id, issuer, oidc_client_id, rate_per_second, burst, tokens)
         values (:tenant::bigint, :issuer, :client, :rate::double precision, :burst::integer,
           :burst::integer)
         returning client_id::text as id`,
        {
          tenant: client.tenantId,
          issuer: client.issuer,
          client: client.oidcClientId,
          rate: client.ratePerSecond ?? 50,
          burst: client.burst ?? 1000,
        },
      ),
    addSender: (sender: NewSender): Promise<string> =>
      insert(
        `insert into senders (tenant_id, channel, phone_number_id, waba_id, from_address,
           secret_name, is_default)
         values (:tenant::bigint, :channel, :phone, :waba, :from, :secret, :default)
         returning sender_id::text as id`,
        {
          tenant: sender.tenantId,
          channel: sender.channel,
          phone: sender.phoneNumberId ?? null,
          waba: sender.wabaId ?? null,
          from: sender.fromAddress ?? null,
          secret: sender.secretName ?? null,
          default: sender.isDefault,
        },
      ),
  }
}
