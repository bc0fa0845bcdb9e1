import type { Channel } from '../../domain/channel.ts'
import { durations } from '../../domain/durations.ts'
import type { TenantKeys } from '../../ports/tenant-keys.ts'
import type { DataApi } from './data-api.ts'
import { flag, number, optionalNumber, text } from './row-values.ts'
import { base64 } from './sealed-cells.ts'

export interface NewTenant {
  readonly name: string
  readonly timeZone?: string
  /** `left-to-provider`: what the service window forbids is sent, and the provider refuses it. */
  readonly serviceWindow?: 'enforced' | 'left-to-provider'
}

interface TenantPolicies {
  readonly tenantId: string
  readonly serviceWindow: NewTenant['serviceWindow']
  /** What a person is told after opting out; empty tells nothing. */
  readonly optOutConfirmation: string | undefined
  /** For how many days after its closing a person's message reopens a chat; 0 to 3650. */
  readonly reopenDays: number | undefined
  /** Of the events that the tenant's finance system puts on the bus; no two tenants have one. */
  readonly eventSource?: string | undefined
}

/** How long what is kept, in whole days; null: without end; undefined: as it was. */
interface Retention {
  readonly tenantId: string
  readonly closeAfter?: number | null | undefined
  readonly archiveAfter?: number | null | undefined
  readonly transactional?: number | null | undefined
  readonly marketing?: number | null | undefined
  readonly inbound?: number | null | undefined
  readonly media?: number | null | undefined
  readonly billing?: number | null | undefined
  readonly tasks?: number | undefined
  readonly raw?: number | undefined
}

interface MailRules {
  readonly tenantId: string
  /** So many soft bounces in a row suppress an address; 1 to 100. */
  readonly softBounceRun?: number | undefined
  /** Hard bounces of the last 1,000 mails above which marketing mails are paused. */
  readonly bounceRatePercent?: number | undefined
  /** Fewer mails than that pause nothing; 1 to 1,000. */
  readonly bounceRateMinimum?: number | undefined
}

export interface NewClient {
  readonly tenantId: string
  readonly issuer: string
  readonly oidcClientId: string
  readonly ratePerSecond?: number
  readonly burst?: number
}

export interface ClientLimits {
  readonly tenantId: string
  readonly issuer: string
  readonly oidcClientId: string
  readonly ratePerSecond: number | undefined
  readonly burst: number | undefined
}

export interface NewSender {
  readonly tenantId: string
  readonly channel: Channel
  readonly phoneNumberId?: string
  readonly wabaId?: string
  readonly secretName?: string
  readonly mail?: {
    readonly fromAddress: string
    readonly fromName: string | undefined
    /** Mail to it reaches us: answers go to `chat+<token>@<domain>`. */
    readonly replyDomain: string | undefined
    readonly configurationSet: string | undefined
    /** Where `…/{token}` unsubscribes; https, without a slash at its end. */
    readonly unsubscribeUrl: string | undefined
  }
  readonly isDefault: boolean
}

/** What operators add by hand: tenants with their keys, clients and senders. Answers new ids. */
export function makeAdministration(database: DataApi, keys: TenantKeys) {
  async function newId(sql: string, parameters?: Parameters<DataApi['query']>[1]): Promise<string> {
    const [row] = await database.query(sql, parameters)
    if (row === undefined) throw new Error('nothing was added')
    return text(row, 'id')
  }

  return {
    addTenant: async ({ name, timeZone, serviceWindow }: NewTenant): Promise<string> => {
      // A call of its own: the keys are bound to the tenant's id and made outside the database.
      const tenantId = await newId(
        `select nextval(pg_get_serial_sequence('tenants', 'tenant_id'))::text as id`,
      )
      const input = {
        tenantId,
        name,
        timeZone: timeZone ?? 'America/Sao_Paulo',
        serviceWindow: serviceWindow ?? 'enforced',
        dataKey: base64(await keys.create(tenantId, 'data:1')),
        indexKey: base64(await keys.create(tenantId, 'index')),
      }
      return newId('select tenant_id as id from add_tenant_v1(:input::jsonb)', {
        input: JSON.stringify(input),
      })
    },
    ...tenantRules(database),
    ...tenantKeys(database, keys),
    addClient: (client: NewClient): Promise<string> =>
      newId(
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
    /** Changes what is given, from the next request on. False: there is no such client. */
    setLimits: (limits: ClientLimits) => setLimits(database, limits),
    addSender: (sender: NewSender): Promise<string> =>
      newId(
        `insert into senders (tenant_id, channel, phone_number_id, waba_id, from_address,
           from_name, reply_domain, configuration_set, unsubscribe_url, secret_name, is_default)
         values (:tenant::bigint, :channel, :phone, :waba, :from, :name, :replies, :set, :unsubscribe,
           :secret, :default)
         returning sender_id::text as id`,
        {
          tenant: sender.tenantId,
          channel: sender.channel,
          phone: sender.phoneNumberId ?? null,
          waba: sender.wabaId ?? null,
          from: sender.mail?.fromAddress ?? null,
          name: sender.mail?.fromName ?? null,
          replies: sender.mail?.replyDomain ?? null,
          set: sender.mail?.configurationSet ?? null,
          unsubscribe: sender.mail?.unsubscribeUrl ?? null,
          secret: sender.secretName ?? null,
          default: sender.isDefault,
        },
      ),
  }
}

async function setLimits(database: DataApi, limits: ClientLimits): Promise<boolean> {
  const rows = await database.query(
    `update clients set rate_per_second = coalesce(:rate::double precision, rate_per_second),
       burst = coalesce(:burst::integer, burst)
     where tenant_id = :tenant::bigint and issuer = :issuer and oidc_client_id = :client
     returning client_id::text as id`,
    {
      tenant: limits.tenantId,
      issuer: limits.issuer,
      client: limits.oidcClientId,
      rate: limits.ratePerSecond ?? null,
      burst: limits.burst ?? null,
    },
  )
  return rows.length === 1
}

function tenantKeys(database: DataApi, keys: TenantKeys) {
  const knownAfterSeconds = durations().keyKnownSeconds
  const ask = (name: 'rotate_key_v1' | 'retire_keys_v1', input: object) =>
    database.query(`select * from ${name}(:input::jsonb)`, {
      input: JSON.stringify({ ...input, knownAfterSeconds }),
    })
  return {
    /** Answers the new epoch; undefined: there is no such tenant, or somebody else was faster. */
    rotateKey: async (tenantId: string): Promise<number | undefined> => {
      const [known] = await database.query(
        'select max(epoch) + 1 as epoch from tenant_keys where tenant_id = :tenant::bigint',
        { tenant: tenantId },
      )
      const epoch = known === undefined ? undefined : optionalNumber(known, 'epoch')
      if (epoch === undefined) return undefined
      const dataKey = base64(await keys.create(tenantId, `data:${epoch}`))
      const [row] = await ask('rotate_key_v1', { tenantId, epoch, dataKey })
      return row === undefined ? undefined : optionalNumber(row, 'rotate_key_v1')
    },
    /** Removes older epochs, once the caller has found no cell of theirs. */
    retireKeys: async (tenantId: string): Promise<{ outcome: string; keys: number }> => {
      const [row] = await ask('retire_keys_v1', { tenantId })
      if (row === undefined) throw new Error('retire_keys_v1 answered nothing')
      return { outcome: text(row, 'outcome'), keys: number(row, 'keys') }
    },
  }
}

function tenantRules(database: DataApi) {
  return {
    /** Changes what is given; functions know it within 5 minutes. False: there is no such tenant. */
    setPolicies: async (given: TenantPolicies): Promise<boolean> => {
      const rows = await database.query(
        `update tenants set service_window = coalesce(:window, service_window),
           opt_out_confirmation = coalesce(:confirmation, opt_out_confirmation),
           reopen_days = coalesce(:days::integer, reopen_days),
           event_source = coalesce(:source, event_source)
         where tenant_id = :tenant::bigint and tenant_id > 0 returning tenant_id::text as id`,
        {
          tenant: given.tenantId,
          window: given.serviceWindow ?? null,
          confirmation: given.optOutConfirmation ?? null,
          days: given.reopenDays ?? null,
          source: given.eventSource ?? null,
        },
      )
      return rows.length === 1
    },
    /** Changes what is given, from the next cleanup on. False: there is no such tenant. */
    setRetention: async (retention: Retention): Promise<boolean> => {
      const [row] = await database.query('select set_retention_v1(:input::jsonb) as known', {
        input: JSON.stringify(retention),
      })
      return row !== undefined && flag(row, 'known')
    },
    /** Changes what is given. False: there is no such tenant. */
    setMailRules: async (given: MailRules): Promise<boolean> => {
      const rows = await database.query(
        `update tenants set soft_bounce_run = coalesce(:run::integer, soft_bounce_run),
           bounce_rate_percent = coalesce(:percent::numeric, bounce_rate_percent),
           bounce_rate_minimum = coalesce(:minimum::integer, bounce_rate_minimum)
         where tenant_id = :tenant::bigint and tenant_id > 0 returning tenant_id::text as id`,
        {
          tenant: given.tenantId,
          run: given.softBounceRun ?? null,
          percent: given.bounceRatePercent ?? null,
          minimum: given.bounceRateMinimum ?? null,
        },
      )
      return rows.length === 1
    },
    /**
     * Lets marketing mails go again; those that waited follow within half an hour. What bounced before
     * counts no more. False: there is no such tenant.
     */
    resumeMail: async (tenantId: string): Promise<boolean> => {
      const rows = await database.query(
        `update tenants set mail_paused_at = null, mail_paused_reason = null,
           mail_resumed_at = now()
         where tenant_id = :tenant::bigint and tenant_id > 0 returning tenant_id::text as id`,
        { tenant: tenantId },
      )
      return rows.length === 1
    },
  }
}
