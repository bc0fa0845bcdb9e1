import { SQSClient } from '@aws-sdk/client-sqs'
import type * as z from 'zod'
import { makeBusinessEventStore } from '#shared/adapters/database/business-event-store.ts'
import { makeInstallmentStore } from '#shared/adapters/database/installment-store.ts'
import { makeChunkReader, makeSqsChunkQueue } from '#shared/adapters/queue/sqs-chunk-queue.ts'
import { isBusBody, readBusinessItem } from '#shared/contracts/business-event-items.ts'
import { alerts } from '#shared/runtime/alerts.ts'
import {
  type BroughtEvent,
  makeApplyBusinessEvents,
} from '#shared/use-cases/apply-business-events.ts'
import { makeReadInstallments } from '#shared/use-cases/read-installments.ts'
import { makeReceiveBusinessEvents } from '#shared/use-cases/receive-business-events.ts'
import type { businessEventEnv, businessEventsEnv } from './env.ts'
import { findClientIn, wireChunks, wireStores, wireTaskQueue } from './wire.ts'
import { wireEventSignal } from './wire-signal.ts'

type Env<S extends z.ZodType> = z.output<S>

export function wireBusinessEvents(env: Env<typeof businessEventsEnv>) {
  const parts = wireStores(env)
  const chunks = wireChunks(env)
  const events = makeBusinessEventStore({ ...parts, transit: chunks.transit })
  const queue = makeSqsChunkQueue({
    ...chunks,
    client: new SQSClient({}),
    queueUrl: env.BUSINESS_EVENT_QUEUE_URL,
    randomness: parts.randomness,
  })
  return {
    findClient: findClientIn(parts.directory),
    receive: makeReceiveBusinessEvents(events, queue),
    read: makeReadInstallments(makeInstallmentStore(parts), events),
  }
}

export function wireApplyBusinessEvents(env: Env<typeof businessEventEnv>) {
  const parts = wireStores(env)
  const { transit, objects } = wireChunks(env)
  const reader = makeChunkReader({ transit, objects })
  return {
    open: async (body: string): Promise<readonly BroughtEvent[]> => {
      const given: unknown = JSON.parse(body)
      const items = isBusBody(given) ? [given] : JSON.parse(await reader.open(body))
      return (items as readonly unknown[]).map(readBusinessItem)
    },
    apply: makeApplyBusinessEvents({
      events: makeBusinessEventStore({ ...parts, transit }),
      directory: parts.directory,
      queue: wireTaskQueue(env),
      signal: wireEventSignal(env, parts.directory),
      alerts,
    }),
  }
}
