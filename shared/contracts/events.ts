import * as z from 'zod'
import {
  type EventEnvelope,
  envelopeOf,
  eventTypes,
  type TenantEvent,
} from '../domain/tenant-event.ts'
import { pageQuery, shownId, shownTime } from './paging.ts'

const type = z.enum(eventTypes)

/** `GET /events`. */
export const eventsQuery = z
  .strictObject({
    limit: pageQuery.shape.limit,
    /** `nextCursor` of an earlier page. */
    after: z.string().min(1).max(512).optional(),
    /** Without a cursor: only where now is. */
    from: z.literal('now').optional(),
    types: z
      .string()
      .max(1000)
      .transform((text) => text.split(','))
      .pipe(z.array(type))
      .default([]),
  })
  .refine(({ after, from }) => after === undefined || from === undefined, {
    path: ['from'],
    error: 'goes without a cursor',
  })

/** An event as the API, webhooks and the bus show it. */
const shownEvent = z
  .object({
    id: shownId,
    type,
    createdAt: shownTime,
    data: z.record(z.string(), z.unknown()).readonly(),
  })
  .meta({ id: 'Event' })

/** A page of the feed: it always says where to go on. */
export const shownFeed = z.object({
  items: z.array(shownEvent),
  nextCursor: z.string(),
  hasMore: z.boolean(),
})

export function eventResource(event: TenantEvent): EventEnvelope {
  return envelopeOf(event)
}
