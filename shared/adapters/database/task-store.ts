import type { Durations } from '../../domain/durations.ts'
import type { TaskType, Wake } from '../../ports/task-queue.ts'
import type { TaskStore } from '../../ports/task-store.ts'
import type { DataApi, Row } from './data-api.ts'
import { number, text } from './row-values.ts'

/** The clockwork of tasks in PostgreSQL: each method is one SQL function, one call. */
export function makeTaskStore(database: DataApi, waits: Durations): TaskStore {
  const call = async (name: string, input: unknown) => {
    const sql = `select * from ${name}(:input::jsonb)`
    return (await database.query(sql, { input: JSON.stringify(input) })).map(toWake)
  }
  return {
    checkStatuses: (checks) => call('check_statuses_v1', { checks }),
    relay: (limit) =>
      call('relay_v1', {
        limit,
        staleSeconds: waits.staleSeconds,
        periodSeconds: waits.relayPeriodSeconds,
        patienceSeconds: waits.patienceSeconds,
        reportWaitSeconds: waits.reportWaitSeconds,
      }),
  }
}

export function toWake(row: Row): Wake {
  return {
    type: text(row, 'type') as TaskType,
    tenantId: text(row, 'tenant_id'),
    taskId: text(row, 'task_id'),
    inSeconds: number(row, 'wake_in_seconds'),
  }
}
