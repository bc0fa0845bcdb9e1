import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import type * as z from 'zod'
import { makeDeliveryStore } from '#shared/adapters/database/delivery-store.ts'
import { makeDirectory } from '#shared/adapters/database/directory.ts'
import { makeEventPump } from '#shared/adapters/database/event-pump.ts'
import { makeEventBridgeBus } from '#shared/adapters/events/event-bridge-bus.ts'
import { makeEventWebhooks } from '#shared/adapters/events/webhook-call.ts'
import { systemResolve } from '#shared/adapters/network/pinned-address.ts'
import { alerts } from '#shared/runtime/alerts.ts'
import { systemClock as clock, systemRandomness as randomness } from '#shared/runtime/system.ts'
import { makeDeliverEvents } from '#shared/use-cases/deliver-events.ts'
import { makeFanOutEvents, makeSweepEvents } from '#shared/use-cases/fan-out-events.ts'
import { makeForgetEvents } from '#shared/use-cases/forget-events.ts'
import { makeRunJobs } from '#shared/use-cases/run-jobs.ts'
import type { eventDeliveryEnv, eventFanOutEnv, forgetEventsEnv } from './env.ts'
import { wireDatabase, wireStores, wireTaskQueue } from './wire.ts'
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
      webhooks: makeEventWebhooks({
        addresses: env.EVENT_DELIVERY_ADDRESSES,
        resolve: systemResolve,
        timeoutMs: waits.eventCallSeconds * 1000,
        clock,
      }),
      bus: wireBus(env.EVENT_BUS_NAME),
      clock,
      randomness,
      waits,
      alerts,
    }),
  })
}

function wireBus(name: string) {
  return name === '' ? undefined : makeEventBridgeBus(new EventBridgeClient({}), name)
}
