import * as z from 'zod'
import { idPattern } from './paging.ts'

/** Of a company, or 0: the deployment itself, whose parked items are cleaned as those of others. */
const ownerId = z.union([z.literal('0'), z.string().regex(idPattern)])

/** The body of a wake-up on a task queue: ids only. */
export const wakeUpBody = z.looseObject({
  tenantId: ownerId,
  taskId: z.string().regex(idPattern),
})

/** The body of a hint that something happened to a tenant. */
export const eventHintBody = z.looseObject({
  tenantId: z.string().regex(idPattern),
  tries: z.int().min(0).max(100).default(0),
})
