import * as z from 'zod'
import type { BusinessEvent } from '../domain/business-event.ts'
import { businessEvent, businessEventOf } from './business-events.ts'

/** What the API puts on the queue. */
const queuedEvent = z.object({ tenantId: z.string(), event: z.unknown() })

/** What EventBridge writes into a queue: the event of the bus, whose detail is the one told. */
const busEvent = z.object({ source: z.string(), 'detail-type': z.string(), detail: z.unknown() })

interface BusinessItem {
  readonly raw: unknown
  readonly from: { readonly tenantId: string } | { readonly source: string } | undefined
  readonly event: BusinessEvent | undefined
}

/** Whether a body of a queue was written by EventBridge, and is not sealed. */
export function isBusBody(body: unknown): boolean {
  return busEvent.safeParse(body).success
}

/** An item of a queue, read as far as it can be. */
export function readBusinessItem(raw: unknown): BusinessItem {
  const ofBus = busEvent.safeParse(raw).data
  if (ofBus !== undefined) {
    return { raw, from: { source: ofBus.source }, event: readEvent(ofBus.detail) }
  }
  const queued = queuedEvent.safeParse(raw).data
  if (queued === undefined) return { raw, from: undefined, event: undefined }
  return { raw, from: { tenantId: queued.tenantId }, event: readEvent(queued.event) }
}

function readEvent(told: unknown): BusinessEvent | undefined {
  const read = businessEvent.safeParse(told)
  return read.success ? businessEventOf(read.data) : undefined
}
