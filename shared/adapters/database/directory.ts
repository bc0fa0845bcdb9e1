import type { Clock } from '../../ports/clock.ts'
import type {
  AccountSecrets,
  BillingDirectory,
  BillingSettings,
  Client,
  Directory,
  MailDirectory,
  MailSender,
  Tenant,
  WhatsAppSender,
} from '../../ports/directory.ts'
import type { DataApi } from './data-api.ts'
import { text } from './row-values.ts'
import { fromBase64 } from './sealed-cells.ts'

const keptMs = 5 * 60_000
/** What is not found is looked for again, but an unknown caller cannot make every call a load. */
const missKeptMs = 5_000

interface LoadedSender extends WhatsAppSender {
  readonly secretName: string
}

interface Loaded {
  readonly loadedAt: number
  readonly tenants: ReadonlyMap<string, Tenant>
  readonly clients: ReadonlyMap<string, Client>
  readonly senders: ReadonlyMap<string, LoadedSender>
  readonly mailSenders: readonly MailSender[]
  readonly billing: ReadonlyMap<string, BillingSettings>
  readonly sources: ReadonlyMap<string, string>
}

type Entry =
  | { kind: 'client'; issuer: string; oidcClientId: string; tenantId: string; clientId: string }
  | ({ kind: 'sender' } & LoadedSender)
  | { kind: 'mail'; senderId: string; tenantId: string; from: string; replyDomain: string | null }
  | {
      kind: 'tenant'
      tenantId: string
      timeZone: string
      indexKey: string
      optOutConfirmation: string | null
      hasSubscriptions: boolean
      eventSource: string | null
      billing: BillingSettings | null
      dataKeys: readonly { epoch: number; wrapped: string; sealsFrom: string }[]
    }

/** All tenants, clients and senders, loaded in one call and kept for 5 minutes. */
export function makeDirectory(
  database: DataApi,
  clock: Clock,
): Directory & AccountSecrets & MailDirectory & BillingDirectory {
  let loading: Promise<Loaded> | undefined
  let loaded: Loaded | undefined

  async function load(): Promise<Loaded> {
    loading ??= read(database, clock).finally(() => {
      loading = undefined
    })
    loaded = await loading
    return loaded
  }

  async function find<T>(pick: (from: Loaded) => T | undefined): Promise<T | undefined> {
    const age = loaded === undefined ? Number.POSITIVE_INFINITY : clock.now() - loaded.loadedAt
    const fresh = loaded !== undefined && age < keptMs ? loaded : await load()
    const found = pick(fresh)
    return found === undefined && clock.now() - fresh.loadedAt >= missKeptMs
      ? pick(await load())
      : found
  }

  return {
    tenant: (tenantId) => find(({ tenants }) => tenants.get(tenantId)),
    client: (issuer, oidcClientId) =>
      find(({ clients }) => clients.get(clientKey(issuer, oidcClientId))),
    whatsAppSender: (phoneNumberId) => find(({ senders }) => senders.get(phoneNumberId)),
    accountSecrets: async (tenantId, wabaId) =>
      (await find(({ senders }) => secretsIn(senders, tenantId, wabaId))) ?? [],
    whatsAppAccountTenants: async (wabaId) =>
      (await find(({ senders }) => tenantsIn(senders, wabaId))) ?? [],
    mailSenders: async (tenantId) =>
      (await find(({ mailSenders }) =>
        someOf(mailSenders.filter((sender) => sender.tenantId === tenantId)),
      )) ?? [],
    // A tenant without one is no reason to load again.
    billingService: async (tenantId) =>
      (await find((from) => (from.tenants.has(tenantId) ? from : undefined)))?.billing.get(
        tenantId,
      ),
    tenantOfSource: (source) => find(({ sources }) => sources.get(source)),
    mailSendersAt: async (address) =>
      (await find(({ mailSenders }) => mailSendersIn(mailSenders, address))) ?? [],
  }
}

function someOf<T>(found: readonly T[]): readonly T[] | undefined {
  return found.length === 0 ? undefined : found
}

function mailSendersIn(
  mailSenders: readonly MailSender[],
  address: string,
): readonly MailSender[] | undefined {
  const domain = address.slice(address.lastIndexOf('@') + 1)
  return (
    someOf(mailSenders.filter(({ fromAddress }) => fromAddress === address)) ??
    someOf(mailSenders.filter(({ replyDomain }) => replyDomain === domain))
  )
}

function secretsIn(
  senders: Loaded['senders'],
  tenantId: string,
  wabaId: string,
): readonly string[] | undefined {
  const own = [...senders.values()].filter(
    (sender) => sender.tenantId === tenantId && sender.wabaId === wabaId,
  )
  return own.length === 0 ? undefined : [...new Set(own.map(({ secretName }) => secretName))]
}

function tenantsIn(senders: Loaded['senders'], wabaId: string): readonly string[] | undefined {
  const own = senders.values().filter((sender) => sender.wabaId === wabaId)
  const tenantIds = new Set(own.map(({ tenantId }) => tenantId))
  return tenantIds.size === 0 ? undefined : [...tenantIds]
}

function clientKey(issuer: string, oidcClientId: string): string {
  return JSON.stringify([issuer, oidcClientId])
}

const loadSql = `
  select jsonb_build_object('kind', 'tenant', 'tenantId', t.tenant_id::text,
    'timeZone', t.time_zone, 'optOutConfirmation', t.opt_out_confirmation,
    'indexKey', encode(t.wrapped_index_key, 'base64'),
    'hasSubscriptions', exists (select 1 from subscriptions u
      where u.tenant_id = t.tenant_id and u.status = 'ACTIVE'),
    'eventSource', t.event_source,
    'billing', (select jsonb_build_object('baseUrl', b.base_url, 'secretName', b.secret_name,
        'timeoutMs', b.timeout_ms)
      from billing_services b where b.tenant_id = t.tenant_id),
    'dataKeys', (select jsonb_agg(jsonb_build_object(
        'epoch', k.epoch, 'sealsFrom', iso_utc(k.seals_from),
        'wrapped', encode(k.wrapped_data_key, 'base64')) order by k.epoch desc)
      from tenant_keys k where k.tenant_id = t.tenant_id))::text as entry
  from tenants t where t.wrapped_index_key is not null
  union all
  select jsonb_build_object('kind', 'client', 'issuer', c.issuer,
    'oidcClientId', c.oidc_client_id, 'tenantId', c.tenant_id::text,
    'clientId', c.client_id::text)::text
  from clients c where c.disabled_at is null
  union all
  select jsonb_build_object('kind', 'sender', 'senderId', s.sender_id::text,
    'tenantId', s.tenant_id::text, 'phoneNumberId', s.phone_number_id,
    'wabaId', s.waba_id, 'secretName', s.secret_name)::text
  from (select * from senders order by is_default desc, sender_id) s
  where s.channel = 'WHATSAPP'
  union all
  select jsonb_build_object('kind', 'mail', 'senderId', s.sender_id::text,
    'tenantId', s.tenant_id::text, 'from', lower(s.from_address),
    'replyDomain', lower(s.reply_domain))::text
  from (select * from senders order by is_default desc, sender_id) s
  where s.channel = 'EMAIL'`

async function read(database: DataApi, clock: Clock): Promise<Loaded> {
  const loadedAt = clock.now()
  const rows = await database.query(loadSql)
  const entries = rows.map((row) => JSON.parse(text(row, 'entry')) as Entry)
  const of = <K extends Entry['kind']>(kind: K) =>
    entries.filter((entry): entry is Extract<Entry, { kind: K }> => entry.kind === kind)
  const companies = of('tenant')
  return {
    loadedAt,
    tenants: new Map(companies.map((entry) => [entry.tenantId, toTenant(entry)])),
    clients: new Map(
      of('client').map((entry) => [clientKey(entry.issuer, entry.oidcClientId), entry]),
    ),
    senders: new Map(of('sender').map((entry) => [entry.phoneNumberId, entry])),
    mailSenders: of('mail').map(toMailSender),
    billing: new Map(
      companies.flatMap(({ tenantId, billing }) => (billing === null ? [] : [[tenantId, billing]])),
    ),
    sources: new Map(
      companies.flatMap(({ tenantId, eventSource }) =>
        eventSource === null ? [] : [[eventSource, tenantId]],
      ),
    ),
  }
}

function toMailSender({
  senderId,
  tenantId,
  from,
  replyDomain,
}: Extract<Entry, { kind: 'mail' }>): MailSender {
  return { senderId, tenantId, fromAddress: from, ...(replyDomain !== null && { replyDomain }) }
}

function toTenant(entry: Extract<Entry, { kind: 'tenant' }>): Tenant {
  return {
    tenantId: entry.tenantId,
    timeZone: entry.timeZone,
    ...(entry.optOutConfirmation !== null && { optOutConfirmation: entry.optOutConfirmation }),
    hasSubscriptions: entry.hasSubscriptions,
    wrappedIndexKey: fromBase64(entry.indexKey),
    dataKeys: entry.dataKeys.map(({ epoch, wrapped, sealsFrom }) => ({
      epoch,
      wrapped: fromBase64(wrapped),
      sealsFrom: Date.parse(sealsFrom),
    })),
  }
}
