import type { Durations } from '../../domain/durations.ts'
import type { CleanupStore, Held } from '../../ports/cleanup-store.ts'
import type { DataApi, Row } from './data-api.ts'
import { flag, number, optionalText, text } from './row-values.ts'

/** The files of a batch come back in one row, which has 64 KB. */
const most = 200
const mostKeys = 5000

/** Cleanups in PostgreSQL: one SQL function for each method. */
export function makeCleanupStore(database: DataApi, waits: Durations): CleanupStore {
  const call = (sql: string, input: unknown) =>
    database.query(sql, { input: JSON.stringify(input) })
  return {
    plan: async () => {
      const rows = await call('select * from plan_cleanups_v1(:input::jsonb)', {
        everySeconds: waits.cleanupEverySeconds,
      })
      return rows.map((row) => ({ tenantId: text(row, 'tenant_id'), taskId: text(row, 'task_id') }))
    },
    tenantIds: async () => {
      const rows = await database.query(
        'select t.tenant_id::text as id from tenants t order by t.tenant_id',
      )
      return rows.map((row) => text(row, 'id'))
    },
    forgetKeys: async () => {
      const [row] = await database.query('select forget_keys_v1(:most::integer) as keys', {
        most: mostKeys,
      })
      if (row === undefined) throw new Error('forget_keys_v1 answered nothing')
      const keys = number(row, 'keys')
      return { keys, hasMore: keys >= mostKeys }
    },
    clean: async ({ tenantId, taskId, fence }, removed) => {
      const [row] = await call(
        `select c.stage, c.changed, c.held::text as held, c.objects::text as objects, c.is_done
         from clean_tenant_v1(:input::jsonb) c`,
        { tenantId, taskId, fence, removed, most, leaseSeconds: waits.leaseSeconds },
      )
      if (row === undefined) return undefined
      return { ...toBatch(row), files: json(row, 'objects'), isDone: flag(row, 'is_done') }
    },
    preview: async (tenantId, from) => {
      const [row] = await call(
        `select p.stage, p.changed, p.held::text as held, p.then_stage,
           p.then_after::text as then_after
         from preview_cleanup_v1(:input::jsonb) p`,
        { tenantId, ...from, most },
      )
      if (row === undefined) throw new Error('preview_cleanup_v1 answered nothing')
      const stage = optionalText(row, 'then_stage')
      const after = optionalText(row, 'then_after')
      return {
        ...toBatch(row),
        next: stage === undefined ? undefined : { stage, after: JSON.parse(after ?? 'null') },
      }
    },
  }
}

function toBatch(row: Row) {
  return {
    stage: text(row, 'stage'),
    changed: number(row, 'changed'),
    held: json<Held>(row, 'held'),
  }
}

function json<T>(row: Row, name: string): T {
  return JSON.parse(text(row, name)) as T
}
