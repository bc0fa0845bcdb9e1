import * as z from 'zod'
import { idPattern } from './paging.ts'

/** The body of a wake-up on a task queue: ids only. */
export const wakeUpBody = z.looseObject({
  tenantId: z.string().regex(idPattern),
  taskId: z.string().regex(idPattern),
})
