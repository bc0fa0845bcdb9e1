import type { Caller } from '../../domain/caller.ts'
import type { Durations } from '../../domain/durations.ts'
import type { RefusalCode } from '../../domain/errors.ts'
import type { Randomness } from '../../ports/randomness.ts'
import type { Sealer } from '../../ports/sealer.ts'
import type {
  ChangeSubscription,
  CreateSubscription,
  ReplayEvents,
  Replayed,
  RotateSecret,
  Subscription,
  SubscriptionAnswer,
  SubscriptionStore,
  SubscriptionWithSecret,
} from '../../ports/subscriptions.ts'
import { callAs, queryAs } from './client-call.ts'
import type { DataApi, Row } from './data-api.ts'
import { readAttempts } from './delivery-attempts.ts'
import { sealRequestKey } from './request-key.ts'
import { number, optionalNumber, optionalText, text } from './row-values.ts'
import {
  openSubscription,
  openWithSecret,
  type SealedSubscription,
  type SealedWithSecret,
  sealSecret,
  sealUrl,
} from './subscription-cells.ts'
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

/** Subscriptions in PostgreSQL, addresses and secrets sealed. */
export function makeSubscriptionStore(parts: SubscriptionParts): SubscriptionStore {
  const { database } = parts
  return {
    list: (caller) => read(parts, caller, undefined),
    get: async (caller, subscriptionId) => (await read(parts, caller, subscriptionId))[0],
    create: (command) => create(parts, command),
    change: (command) => change(parts, command),
    rotateSecret: (command) => rotate(parts, command),
    remove: async (caller, subscriptionId) => {
      const rows = await queryAs(database, caller, {
        sql: `delete from subscriptions s where s.tenant_id = :tenant::bigint
            and s.subscription_id = :subscription::bigint
            and (select k.outcome from client k) = 'taken'
          returning s.subscription_id`,
        parameters: { subscription: subscriptionId },
        shows: { ids: { subscriptionId: 'w.subscription_id::text' } },
      })
      return rows.length > 0
    },
    replay: (command) => replay(database, command),
    attempts: (caller, subscriptionId, page) =>
      readAttempts(parts, { caller, subscriptionId }, page),
  }
}

async function read(
  { database, sealer: sealers }: SubscriptionParts,
  caller: Caller,
  subscriptionId: string | undefined,
): Promise<readonly Subscription[]> {
  const sealer = await sealers.forTenant(caller.tenantId)
  const one = subscriptionId === undefined ? '' : 'and s.subscription_id = :subscription::bigint'
  const rows = await queryAs(database, caller, {
    sql: `select subscription_json_v1(s)::text as subscription from subscriptions s
      where s.tenant_id = :tenant::bigint ${one} order by s.subscription_id`,
    parameters: subscriptionId === undefined ? {} : { subscription: subscriptionId },
  })
  return rows.map((row) => openSubscription(sealer, sealedIn<SealedSubscription>(row)))
}

async function create(
  { database, sealer: sealers, randomness }: SubscriptionParts,
  command: CreateSubscription,
): Promise<SubscriptionAnswer<SubscriptionWithSecret>> {
  const { tenantId, clientId, request, types, url, secret } = command
  const sealer = await sealers.forTenant(tenantId)
  const [row] = await callAs(database, command, {
    name: 'create_subscription_v1',
    input: {
      ...{ tenantId, clientId, types },
      ...sealRequestKey(sealer, request),
      ...sealUrl(sealer, url, randomness.uuid()),
      ...sealSecret(sealer, secret, randomness.uuid()),
      most: mostSubscriptions,
    },
  })
  return answerOf(row, 'created', () => openWithSecret(sealer, sealedIn<SealedWithSecret>(row)))
}

async function change(
  { database, sealer: sealers, randomness }: SubscriptionParts,
  command: ChangeSubscription,
): Promise<SubscriptionAnswer<Subscription>> {
  const { tenantId, clientId, subscriptionId, url, types, status } = command
  const sealer = await sealers.forTenant(tenantId)
  const [row] = await callAs(database, command, {
    name: 'change_subscription_v1',
    input: {
      ...{ tenantId, clientId, subscriptionId, types, status },
      ...(url !== undefined && sealUrl(sealer, url, randomness.uuid())),
    },
  })
  return answerOf(row, 'changed', () => openSubscription(sealer, sealedIn<SealedSubscription>(row)))
}

async function rotate(
  { database, sealer: sealers, randomness, waits }: SubscriptionParts,
  command: RotateSecret,
): Promise<SubscriptionAnswer<SubscriptionWithSecret>> {
  const { tenantId, clientId, request, subscriptionId, secret } = command
  const sealer = await sealers.forTenant(tenantId)
  const [row] = await callAs(database, command, {
    name: 'rotate_secret_v1',
    input: {
      ...{ tenantId, clientId, subscriptionId },
      ...sealRequestKey(sealer, request),
      ...sealSecret(sealer, secret, randomness.uuid()),
      overlapSeconds: waits.secretOverlapSeconds,
    },
  })
  return answerOf(row, 'rotated', () => openWithSecret(sealer, sealedIn<SealedWithSecret>(row)))
}

async function replay(
  database: DataApi,
  command: ReplayEvents,
): Promise<SubscriptionAnswer<Replayed>> {
  const { tenantId, clientId, subscriptionId, wish } = command
  const [head, ...planned] = await callAs(database, command, {
    name: 'replay_events_v1',
    input: { tenantId, clientId, subscriptionId, ...wish, most: mostReplayed },
  })
  return answerOf(head, 'replayed', () => ({
    events: number(head, 'events'),
    nextFrom: optionalText(head, 'next_from'),
    wakes: planned.map(toWake),
  }))
}

function sealedIn<T>(row: Row): T {
  return JSON.parse(text(row, 'subscription')) as T
}

function answerOf<T>(row: Row, done: string, value: () => T): SubscriptionAnswer<T> {
  const outcome = text(row, 'outcome')
  if (outcome === done) return { outcome: 'done', value: value() }
  return {
    outcome: 'refused',
    code: outcome === 'key-mismatch' ? 'idempotency-key-mismatch' : (outcome as RefusalCode),
    retryAfterSeconds: optionalNumber(row, 'retry_after_seconds'),
  }
}
