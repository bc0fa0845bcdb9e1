import type { BegunExport, ExportStore } from '../../ports/exports.ts'
import type { Sealer } from '../../ports/sealer.ts'
import type { DataApi } from './data-api.ts'
import { readMessages } from './export-messages.ts'
import { exportQueries } from './export-queries.ts'
import { readRows } from './export-rows.ts'
import { flag, text } from './row-values.ts'

interface Parts {
  readonly database: DataApi
  readonly sealer: Sealer
}

/** How long an export can be fetched. */
const keepDays = 7

/** What is kept of a person, in PostgreSQL. */
export function makeExportStore({ database, sealer: sealers }: Parts): ExportStore {
  return {
    begin: async (name) => {
      const [row] = await database.query('select * from begin_export_v1(:input::jsonb)', {
        input: JSON.stringify(name),
      })
      if (row === undefined) throw new Error('begin_export_v1 answered nothing')
      const outcome = text(row, 'outcome') as BegunExport['outcome']
      if (outcome === 'nothing') return { outcome }
      const objectKey = text(row, 'object_key')
      return { outcome, personId: text(row, 'person_id'), objectKey }
    },
    rows: async function* (tenantId, personId, part) {
      const sealer = await sealers.forTenant(tenantId)
      yield* readRows(database, sealer, { of: { tenantId, personId }, query: exportQueries[part] })
    },
    messages: async function* (tenantId, chatId) {
      yield* readMessages(database, await sealers.forTenant(tenantId), { tenantId, chatId })
    },
    finish: async (name, counts) => {
      const [row] = await database.query('select * from finish_export_v1(:input::jsonb)', {
        input: JSON.stringify({ ...name, keepDays, counts }),
      })
      if (row === undefined) throw new Error('finish_export_v1 answered nothing')
      return flag(row, 'is_kept')
    },
    refuse: async (name) => {
      await database.query('select * from finish_export_v1(:input::jsonb)', {
        input: JSON.stringify({ ...name, keepDays: 0, objectsGone: true }),
      })
    },
  }
}
