import { packChunks } from '../../domain/chunks.ts'
import { type Durations, mostTemplateSyncs } from '../../domain/durations.ts'
import type {
  PlannedSync,
  TemplateChanges,
  TemplateSync,
  TemplateSyncStore,
} from '../../ports/template-store.ts'
import { queryAs } from './client-call.ts'
import type { DataApi, Row } from './data-api.ts'
import { flag, number, optionalText, text } from './row-values.ts'

/** A request of the Data API holds 4 MiB, with every quote of ours escaped. */
const chunkLimits = { maxItems: 500, maxBytes: 1_000_000 }

/** Syncs of provider templates in PostgreSQL: one SQL function each way. */
export function makeTemplateSyncStore(database: DataApi, waits: Durations): TemplateSyncStore {
  const limits = { most: mostTemplateSyncs, whileSeconds: waits.templateWindowSeconds }
  return {
    planSyncs: async (caller) => {
      const input = JSON.stringify({ tenantId: caller?.tenantId ?? null, ...limits })
      const rows =
        caller === undefined
          ? await database.query('select * from plan_template_syncs_v1(:input::jsonb)', { input })
          : // A condition on no row is looked at first: without a token nothing is planned.
            await queryAs(database, caller, {
              sql: `select p.* from plan_template_syncs_v1(:input::jsonb) p
                where (select k.outcome from client k) = 'taken'`,
              parameters: { input },
            })
      return rows.map(toPlanned)
    },
    apply: async (sync) => {
      const packed = packChunks(sync.templates, chunkLimits)
      const chunks = packed.length === 0 ? ['[]'] : packed
      let changes: TemplateChanges | undefined
      for (const [index, chunk] of chunks.entries()) {
        changes = await applyChunk(database, sync, {
          chunk,
          isLast: index === chunks.length - 1,
        })
        if (changes === undefined) return undefined
      }
      return changes
    },
  }
}

async function applyChunk(
  database: DataApi,
  { job, wabaId, isWhole }: TemplateSync,
  { chunk, isLast }: { readonly chunk: string; readonly isLast: boolean },
): Promise<TemplateChanges | undefined> {
  const { tenantId, taskId, fence } = job
  const rest = JSON.stringify({ tenantId, taskId, fence, wabaId, isWhole, isLast })
  const [row] = await database.query('select * from apply_template_sync_v1(:input::jsonb)', {
    input: `{"templates":${chunk},${rest.slice(1)}`,
  })
  if (row === undefined || !flag(row, 'applied')) return undefined
  return {
    blocked: number(row, 'blocked'),
    recategorised: number(row, 'recategorised'),
    other: number(row, 'other'),
  }
}

function toPlanned(row: Row): PlannedSync {
  return {
    tenantId: text(row, 'tenant_id'),
    wabaId: text(row, 'waba_id'),
    state: text(row, 'state') as PlannedSync['state'],
    taskId: optionalText(row, 'task_id'),
    retryAfterSeconds: number(row, 'retry_after_seconds'),
  }
}
