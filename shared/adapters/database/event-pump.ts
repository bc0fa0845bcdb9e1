import { eventRetentionDays } from '../../domain/durations.ts'
import type { EventPump } from '../../ports/event-pump.ts'
import type { DataApi } from './data-api.ts'
import { flag, number, text } from './row-values.ts'
import { toWake } from './task-store.ts'

/** 2,000 rows are some 300 KB of the Data API's 1 MiB. */
const limits = { mostEvents: 500, mostTasks: 2000, mostTenants: 200 }
/** A day more than cursors live: the order of events is not quite that of their times. */
const keptSeconds = (eventRetentionDays + 1) * 86_400
const mostForgotten = 5000

/** The way from events to deliveries, in PostgreSQL. */
export function makeEventPump(database: DataApi, hasBus: boolean): EventPump {
  const call = (name: string, input: unknown) =>
    database.query(`select * from ${name}(:input::jsonb)`, { input: JSON.stringify(input) })
  return {
    fanOut: async (tenantIds) => {
      const rows = await call('fan_out_events_v1', { tenantIds, hasBus, ...limits })
      const isTask = (row: (typeof rows)[number]) => row.task_id !== null
      return {
        wakes: rows.filter(isTask).map(toWake),
        again: rows
          .filter((row) => !isTask(row))
          .map((row) => ({
            tenantId: text(row, 'tenant_id'),
            inSeconds: number(row, 'wake_in_seconds'),
          })),
      }
    },
    forget: async () => {
      const [row] = await call('forget_events_v1', { keptSeconds, most: mostForgotten })
      if (row === undefined) throw new Error('forget_events_v1 answered nothing')
      return {
        events: number(row, 'events'),
        attempts: number(row, 'attempts'),
        deliveries: number(row, 'deliveries'),
        hasMore: flag(row, 'more'),
      }
    },
  }
}
