import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import type * as z from 'zod'
import { makeDeliveryStore } from '#shared/adapters/database/delivery-store.ts'
import { makeDirectory } from '#shared/adapters/database/directory.ts'
import { makeEventFeed } from '#shared/adapters/database/event-feed.ts'
import { makeEventPump } from '#shared/adapters/database/event-pump.ts'
import { makeSubscriptionStore } from '#shared/adapters/database/subscription-store.ts'
import { makeEventBridgeBus } from '#shared/adapters/events/event-bridge-bus.ts'
import { makeEventWebhooks } from '#shared/adapters/events/webhook-call.ts'
import { systemResolve } from '#shared/adapters/network/pinned-address.ts'
import type { Durations } from '#shared/domain/durations.ts'
import { alerts } from '#shared/runtime/alerts.ts'
import { systemClock as clock, systemRandomness as randomness } from '#shared/runtime/system.ts'
import { makeDeliverEvents } from '#shared/use-cases/deliver-events.ts'
import { makeFanOutEvents, makeSweepEvents } from '#shared/use-cases/fan-out-events.ts'
import { makeForgetEvents } from '#shared/use-cases/forget-events.ts'
import { makeManageSubscriptions } from '#shared/use-cases/manage-subscriptions.ts'
import { makeRunJobs } from '#shared/use-cases/run-jobs.ts'
import type {
  eventDeliveryEnv,
  eventFanOutEnv,
  forgetEventsEnv,
  storesEnv,
  subscriptionsEnv,
} from './env.ts'
import { findClientIn, wireDatabase, wireStores, wireTaskQueue } from './wire.ts'
import { wireEventSignal } from './wire-signal.ts'

type Env<S extends z.ZodType> = z.output<S>

/** Wiring of events on their way out, beside `wire.ts`. */
export function wireFanOutEvents(env: Env<typeof eventFanOutEnv>) {
  const database = wireDatabase(env)
  const parts = {
    pump: makeEventPump(database, env.EVENT_BUS_NAME !== ''),
    queue: wireTaskQueue(env),
    signal: wireEventSignal(env, makeDirectory(database, clock)),
  }
  return { fanOut: makeFanOutEvents(parts), sweep: makeSweepEvents(parts) }
}

export function wireForgetEvents(env: Env<typeof forgetEventsEnv>) {
  return makeForgetEvents(makeEventPump(wireDatabase(env), false))
}

export function wireDeliverEvents(env: Env<typeof eventDeliveryEnv>) {
  const parts = wireStores(env)
  const { waits } = parts
  return makeRunJobs({
    type: 'EVENT_DELIVERY',
    jobs: makeDeliveryStore(parts),
    queue: wireTaskQueue(env),
    randomness,
    work: makeDeliverEvents({
      webhooks: wireWebhooks(env, waits),
      bus: wireBus(env.EVENT_BUS_NAME),
      clock,
      randomness,
      waits,
      alerts,
    }),
  })
}

export function wireEventFeed(env: Env<typeof storesEnv>) {
  const parts = wireStores(env)
  return { findClient: findClientIn(parts.directory), feed: makeEventFeed({ ...parts, clock }) }
}

export function wireSubscriptions(env: Env<typeof subscriptionsEnv>) {
  const parts = wireStores(env)
  return {
    findClient: findClientIn(parts.directory),
    subscriptions: makeManageSubscriptions({
      subscriptions: makeSubscriptionStore(parts),
      webhooks: wireWebhooks(env, parts.waits),
      queue: wireTaskQueue(env),
    }),
  }
}

function wireWebhooks(
  env: Pick<Env<typeof subscriptionsEnv>, 'EVENT_DELIVERY_ADDRESSES'>,
  waits: Durations,
) {
  return makeEventWebhooks({
    addresses: env.EVENT_DELIVERY_ADDRESSES,
    resolve: systemResolve,
    timeoutMs: waits.eventCallSeconds * 1000,
    clock,
  })
}

function wireBus(name: string) {
  return name === '' ? undefined : makeEventBridgeBus(new EventBridgeClient({}), name)
}
