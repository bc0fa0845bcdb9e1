import { makeDeliveryStore } from '#shared/adapters/database/delivery-store.ts'
import { makeEventFeed } from '#shared/adapters/database/event-feed.ts'
import { makeEventPump } from '#shared/adapters/database/event-pump.ts'
import { makeSubscriptionStore } from '#shared/adapters/database/subscription-store.ts'
import { newSigningSecret } from '#shared/adapters/events/webhook-signature.ts'
import type { Caller } from '#shared/domain/caller.ts'
import type { EventType, TenantEvent } from '#shared/domain/tenant-event.ts'
import type { DeliveryJob, DeliveryResult } from '#shared/ports/event-deliveries.ts'
import type { FeedRequest } from '#shared/ports/event-feed.ts'
import type { FannedOut } from '#shared/ports/event-pump.ts'
import type {
  ChangeSubscription,
  ReplayEvents,
  SubscriptionAnswer,
} from '#shared/ports/subscriptions.ts'
import type { Wake } from '#shared/ports/task-queue.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'
import { until } from './stack.ts'
import { openPostgresWorld } from './stores.ts'
import { fresh, type WorldTenant } from './stores-world.ts'

export const receiverUrl = 'https://example.com/hooks?token=secreto'

/** The stores of events on a database of their own, and short ways to read and deliver. */
export async function openEventWorld() {
  const world = await openPostgresWorld()
  const { dataApi: database, sealer, waits } = world
  const parts = { database, sealer, waits, randomness: systemRandomness, clock: systemClock }
  const feed = makeEventFeed(parts)
  const subscriptions = makeSubscriptionStore(parts)
  const deliveries = makeDeliveryStore(parts)

  const read = (tenant: WorldTenant, more: Partial<FeedRequest> = {}) =>
    feed.read(tenant, { cursor: undefined, isFromNow: false, types: [], limit: 100, ...more })

  /** Of the tenant's own rows, whether or not a reader may see them yet. */
  const written = async ({ tenantId }: WorldTenant): Promise<readonly TenantEvent[]> => {
    const { rows } = await world.owner.query(
      'select event_json_v1(e) as event from events e where tenant_id = $1 order by event_id',
      [tenantId],
    )
    return rows.map(({ event }) => event)
  }

  /**
   * Events that others of this server have not finished yet hold everybody's up: fans out until
   * nothing is put off.
   */
  async function fanOut(
    tenant: WorldTenant,
    { hasBus = false }: { readonly hasBus?: boolean } = {},
  ): Promise<readonly Wake[]> {
    const pump = makeEventPump(database, hasBus)
    const wakes: Wake[] = []
    await until(
      async (): Promise<FannedOut> => {
        const fanned = await pump.fanOut([tenant.tenantId])
        wakes.push(...fanned.wakes)
        return fanned
      },
      ({ again }) => again.length === 0,
    )
    return wakes
  }

  const claim = (wakes: readonly Wake[], claimToken: string = crypto.randomUUID()) =>
    deliveries.claim({ type: 'EVENT_DELIVERY', claimToken, jobs: wakes })

  async function countShown(tenant: WorldTenant): Promise<number> {
    let shown = 0
    for (let page = await read(tenant); ; page = await read(tenant, { cursor: page.nextCursor })) {
      shown += page.items.length
      if (!page.hasMore) return shown
    }
  }

  return {
    ...world,
    feed,
    subscriptions,
    deliveries,
    read,
    written,
    /** The whole feed, once everything that was written can be read. */
    /** Waits until the feed shows all that was written: transactions of other tests hold it back. */
    settled: async (tenant: WorldTenant) => {
      const { length } = await written(tenant)
      await until(
        () => countShown(tenant),
        (shown) => shown === length,
      )
      return read(tenant)
    },
    fanOut,
    claim,
    claimOne: async (wakes: readonly Wake[]): Promise<DeliveryJob> => {
      const [job] = await claim(wakes)
      if (job === undefined) throw new Error('not claimed')
      return job
    },
    settleAs: (job: DeliveryJob, result: DeliveryResult) => deliveries.settle([{ job, result }]),
    subscribe: async (
      { tenantId, clientId }: WorldTenant,
      { types = [], url = receiverUrl }: { types?: readonly EventType[]; url?: string } = {},
    ): Promise<Subscribed> => {
      const secret = newSigningSecret()
      const command = { tenantId, clientId, url, types, secret, request: requestOf() }
      const { subscriptionId } = doneOf(await subscriptions.create(command))
      return { tenantId, clientId, subscriptionId, secret }
    },
    shown: (key: Subscribed) => subscriptions.get(key, key.subscriptionId),
    remove: (key: Subscribed) => subscriptions.remove(key, key.subscriptionId),
    change: async (key: Subscribed, wish: ChangeWish) =>
      doneOf(await subscriptions.change({ ...key, ...wish })),
    rotate: async (key: Subscribed, secret: string) =>
      doneOf(await subscriptions.rotateSecret({ ...key, secret, request: requestOf() })),
    replay: (key: Subscribed, wish: ReplayEvents['wish']) => subscriptions.replay({ ...key, wish }),
    attemptsOf: async (key: Subscribed) => {
      const page = { limit: 100, cursor: undefined }
      return (await subscriptions.attempts(key, key.subscriptionId, page))?.items ?? []
    },
  }
}

export interface Subscribed extends Caller {
  readonly subscriptionId: string
  readonly secret: string
}

type ChangeWish = Pick<ChangeSubscription, 'url' | 'types' | 'status'>

export const requestOf = () => ({ route: 'POST /subscriptions', key: fresh('key'), body: '{}' })

export function doneOf<T>(answer: SubscriptionAnswer<T>): T {
  if (answer.outcome === 'refused') throw new Error(`refused: ${answer.code}`)
  return answer.value
}

export type EventWorld = Awaited<ReturnType<typeof openEventWorld>>

export const typesOf = (events: readonly TenantEvent[]) => events.map(({ type }) => type)
