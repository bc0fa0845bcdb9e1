import * as z from 'zod'
import { idPattern } from './paging.ts'

/** The body of a wake-up on a task queue: ids only. */
export const wakeUpBody = z.looseObject({
  tenantId: z.string().regex(idPattern),
  taskId: z.string().regex(idPattern),
})

/** The body of a hint that something happened to a tenant. */
export const eventHintBody = z.looseObject({
  tenantId: z.string().regex(idPattern),
  tries: z.int().min(0).max(100).default(0),
})
