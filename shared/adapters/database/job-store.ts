import type { Durations } from '../../domain/durations.ts'
import type { Job, JobStore } from '../../ports/job-store.ts'
import type { DataApi, Row } from './data-api.ts'
import { number, optionalText, text } from './row-values.ts'
import { toWake } from './task-store.ts'

/** Jobs in PostgreSQL: one SQL function each way. The lease outlasts the function that works. */
export function makeJobStore(
  database: DataApi,
  { leaseSeconds }: Pick<Durations, 'leaseSeconds'>,
): JobStore {
  return {
    claim: async (request) => {
      const rows = await database.query(
        `select j.tenant_id::text as tenant_id, j.task_id::text as task_id,
           j.message_id::text as message_id, j.payload::text as payload, j.fence::text as fence,
           j.attempts
         from claim_jobs_v1(:input::jsonb) j`,
        { input: JSON.stringify({ ...request, leaseSeconds }) },
      )
      return rows.map(toJob)
    },
    settle: async (results) => {
      const jobs = results.map(({ job: { tenantId, taskId, fence }, result }) => ({
        ...{ tenantId, taskId, fence },
        ...result,
      }))
      const rows = await database.query('select * from settle_jobs_v1(:input::jsonb)', {
        input: JSON.stringify({ jobs }),
      })
      return rows.map(toWake)
    },
  }
}

/** The columns that every claim of jobs answers. */
export function toJob(row: Row): Job {
  return {
    tenantId: text(row, 'tenant_id'),
    taskId: text(row, 'task_id'),
    fence: text(row, 'fence'),
    attempts: number(row, 'attempts'),
    messageId: optionalText(row, 'message_id'),
    payload: JSON.parse(text(row, 'payload')),
  }
}
