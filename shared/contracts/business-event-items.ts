import * as z from 'zod'
import type { Author } from '../domain/author.ts'
import type { BusinessEvent } from '../domain/business-event.ts'
import { businessEvent, businessEventOf } from './business-events.ts'
import { givenContact } from './contacts.ts'
import { cleanName } from './text.ts'

/** What the API puts on the queue. */
const queuedEvent = z.object({ tenantId: z.string(), event: z.unknown() })

/** What EventBridge writes into a queue: the event of the bus, whose detail is the one told. */
const busEvent = z.object({ source: z.string(), 'detail-type': z.string(), detail: z.unknown() })

interface BusinessItem {
  readonly raw: unknown
  readonly from: { readonly tenantId: string } | { readonly source: string } | undefined
  readonly event: BusinessEvent | undefined
  /** Whom it names, although nobody can read it. */
  readonly authors: readonly Author[]
}

/** Of an event that is not right in everything. */
const naming = z.object({
  movement: z.object({
    person: z.object({
      externalId: cleanName(200).optional().catch(undefined),
      contacts: z.array(givenContact.optional().catch(undefined)).catch([]),
    }),
  }),
})

/** Whether a body of a queue was written by EventBridge, and is not sealed. */
export function isBusBody(body: unknown): boolean {
  return busEvent.safeParse(body).success
}

/** An item of a queue, read as far as it can be. */
export function readBusinessItem(raw: unknown): BusinessItem {
  const ofBus = busEvent.safeParse(raw).data
  if (ofBus !== undefined) {
    return { raw, from: { source: ofBus.source }, ...readTold(ofBus.detail) }
  }
  const queued = queuedEvent.safeParse(raw).data
  if (queued === undefined) return { raw, from: undefined, event: undefined, authors: [] }
  return { raw, from: { tenantId: queued.tenantId }, ...readTold(queued.event) }
}

function readTold(told: unknown): Pick<BusinessItem, 'event' | 'authors'> {
  return { event: readEvent(told), authors: authorsOf(told) }
}

function authorsOf(told: unknown): readonly Author[] {
  const { externalId, contacts = [] } = naming.safeParse(told).data?.movement.person ?? {}
  const addresses = contacts
    .filter((contact) => contact !== undefined)
    .map(
      ({ channel, address }): Author => ({
        kind: channel === 'EMAIL' ? 'email' : 'phone',
        value: address,
      }),
    )
  return externalId === undefined
    ? addresses
    : [{ kind: 'external-id', value: externalId }, ...addresses]
}

function readEvent(told: unknown): BusinessEvent | undefined {
  const read = businessEvent.safeParse(told)
  return read.success ? businessEventOf(read.data) : undefined
}
