import type { Durations } from '../../domain/durations.ts'
import type { EventType } from '../../domain/tenant-event.ts'
import type { Randomness } from '../../ports/randomness.ts'
import type { Sealer } from '../../ports/sealer.ts'
import type {
  CreateSubscription,
  ReplayAnswer,
  Subscription,
  SubscriptionKey,
  SubscriptionStore,
} from '../../ports/subscriptions.ts'
import type { DataApi, Row } from './data-api.ts'
import { readAttempts } from './delivery-attempts.ts'
import { bytes, number, optionalText, text } from './row-values.ts'
import { base64 } from './sealed-cells.ts'
import { openUrl, sealSecret, sealUrl } from './subscription-cells.ts'
import { toWake } from './task-store.ts'

export interface SubscriptionParts {
  readonly database: DataApi
  readonly sealer: Sealer
  readonly randomness: Randomness
  readonly waits: Durations
}

const mostSubscriptions = 20
/** Of one call; its wake-ups are put on the queue by the request itself. */
const mostReplayed = 1000

const columns = `s.subscription_id::text as subscription_id, s.url, s.url_row_token::text as
    url_row_token, to_jsonb(s.types)::text as types, s.status, s.paused_reason,
  iso_utc(s.failing_since) as failing_since, iso_utc(s.last_success_at) as last_success_at,
  iso_utc(case when s.previous_secret_until > now() then s.previous_secret_until end)
    as previous_secret_until,
  iso_utc(s.created_at) as created_at, iso_utc(s.updated_at) as updated_at`

const one = 's.tenant_id = :tenant::bigint and s.subscription_id = :subscription::bigint'

/** Subscriptions in PostgreSQL, addresses and secrets sealed; secrets never leave this way. */
export function makeSubscriptionStore(parts: SubscriptionParts): SubscriptionStore {
  return {
    create: (command) => create(parts, command),
    list: async (tenantId) => {
      const rows = await parts.database.query(
        `select ${columns} from subscriptions s
         where s.tenant_id = :tenant::bigint order by s.subscription_id`,
        { tenant: tenantId },
      )
      return Promise.all(rows.map((row) => toSubscription(parts.sealer, tenantId, row)))
    },
    get: (key) =>
      answer(parts, key, { sql: `select ${columns} from subscriptions s where ${one}` }),
    change: (key, change) => changed(parts, key, change),
    remove: async (key) => {
      const rows = await parts.database.query(
        `delete from subscriptions s where ${one} returning s.subscription_id`,
        named(key),
      )
      return rows.length > 0
    },
    rotateSecret: (key, secret) => rotate(parts, key, secret),
    replay: async (key, wish) => {
      const input = { ...key, ...wish, most: mostReplayed }
      const rows = await parts.database.query('select * from replay_events_v1(:input::jsonb)', {
        input: JSON.stringify(input),
      })
      return toReplayAnswer(rows)
    },
    attempts: (key, page) => readAttempts(parts, key, page),
  }
}

function named({ tenantId, subscriptionId }: SubscriptionKey) {
  return { tenant: tenantId, subscription: subscriptionId }
}

async function create(
  { database, sealer: sealers, randomness }: SubscriptionParts,
  { tenantId, url, types, secret }: CreateSubscription,
) {
  const sealer = await sealers.forTenant(tenantId)
  const [urlRowToken, secretRowToken] = [randomness.uuid(), randomness.uuid()]
  const [row] = await database.query('select * from create_subscription_v1(:input::jsonb)', {
    input: JSON.stringify({
      tenantId,
      types,
      ...{ urlRowToken, secretRowToken },
      url: base64(sealUrl(sealer, url, urlRowToken)),
      secret: base64(sealSecret(sealer, secret, secretRowToken)),
      most: mostSubscriptions,
    }),
  })
  return row === undefined ? undefined : optionalText(row, 'subscription_id')
}

interface Statement {
  readonly sql: string
  readonly more?: Readonly<Record<string, string | number | Uint8Array | null>>
}

async function answer(
  { database, sealer }: SubscriptionParts,
  key: SubscriptionKey,
  { sql, more = {} }: Statement,
): Promise<Subscription | undefined> {
  const [row] = await database.query(sql, { ...named(key), ...more })
  return row && toSubscription(sealer, key.tenantId, row)
}

/** One that is resumed begins with what happens from now on; the rest can be replayed. */
async function changed(
  parts: SubscriptionParts,
  key: SubscriptionKey,
  { url, types, status }: Parameters<SubscriptionStore['change']>[1],
): Promise<Subscription | undefined> {
  const urlRowToken = parts.randomness.uuid()
  const sealed =
    url === undefined ? null : sealUrl(await parts.sealer.forTenant(key.tenantId), url, urlRowToken)
  return answer(parts, key, {
    sql: `update subscriptions s set
        url = coalesce(:url, s.url),
        url_row_token = case when :url is null then s.url_row_token else :token::uuid end,
        types = case when :types::jsonb is null then s.types
          else array(select jsonb_array_elements_text(:types::jsonb)) end,
        paused_reason = case coalesce(:status::text, s.status)
          when 'PAUSED' then coalesce(s.paused_reason, 'client') end,
        from_xid = case when s.status = 'PAUSED' and :status::text = 'ACTIVE'
          then pg_snapshot_xmin(pg_current_snapshot()) else s.from_xid end,
        failures = case when :status::text = 'ACTIVE' then 0 else s.failures end,
        failing_since = case when :status::text <> 'ACTIVE' or :status::text is null
          then s.failing_since end,
        retry_at = case when :status::text <> 'ACTIVE' or :status::text is null
          then s.retry_at end,
        status = coalesce(:status::text, s.status), updated_at = now()
      where ${one} returning ${columns}`,
    more: {
      url: sealed,
      token: urlRowToken,
      types: types === undefined ? null : JSON.stringify(types),
      status: status ?? null,
    },
  })
}

async function rotate(
  parts: SubscriptionParts,
  key: SubscriptionKey,
  secret: string,
): Promise<Subscription | undefined> {
  const sealer = await parts.sealer.forTenant(key.tenantId)
  const token = parts.randomness.uuid()
  return answer(parts, key, {
    sql: `update subscriptions s set
        previous_secret = s.secret, previous_secret_row_token = s.secret_row_token,
        previous_secret_until = now() + :overlap::double precision * interval '1 second',
        secret = :secret, secret_row_token = :token::uuid, updated_at = now()
      where ${one} returning ${columns}`,
    more: {
      secret: sealSecret(sealer, secret, token),
      token,
      overlap: parts.waits.secretOverlapSeconds,
    },
  })
}

async function toSubscription(sealers: Sealer, tenantId: string, row: Row): Promise<Subscription> {
  const sealer = await sealers.forTenant(tenantId)
  return {
    subscriptionId: text(row, 'subscription_id'),
    url: openUrl(sealer, bytes(row, 'url'), text(row, 'url_row_token')),
    types: JSON.parse(text(row, 'types')) as readonly EventType[],
    status: text(row, 'status') as Subscription['status'],
    pausedReason: optionalText(row, 'paused_reason'),
    failingSince: optionalText(row, 'failing_since'),
    lastSuccessAt: optionalText(row, 'last_success_at'),
    previousSecretUntil: optionalText(row, 'previous_secret_until'),
    createdAt: text(row, 'created_at'),
    updatedAt: text(row, 'updated_at'),
  }
}

function toReplayAnswer(rows: readonly Row[]): ReplayAnswer {
  const [head, ...planned] = rows
  if (head === undefined) throw new Error('replay_events_v1 answered nothing')
  const outcome = text(head, 'outcome')
  switch (outcome) {
    case 'replayed':
      return {
        outcome,
        events: number(head, 'events'),
        nextFrom: optionalText(head, 'next_from'),
        wakes: planned.map(toWake),
      }
    case 'subscription-not-found':
    case 'subscription-paused':
    case 'event-not-found':
      return { outcome: 'refused', code: outcome }
    default:
      throw new Error('replay_events_v1 answered something else')
  }
}
