import type { BegunExport, ExportedRow, ExportPart, ExportStore } from '../../ports/exports.ts'
import type { Sealer, TenantSealer } from '../../ports/sealer.ts'
import type { DataApi } from './data-api.ts'
import { type ExportQuery, exportQueries } from './export-queries.ts'
import { listMessages } from './message-list.ts'
import { flag, text } from './row-values.ts'
import { fromBase64 } from './sealed-cells.ts'

interface Parts {
  readonly database: DataApi
  readonly sealer: Sealer
}

/** How long an export can be fetched. */
const keepDays = 7
const pageRows = 200

/** What is kept of a person, in PostgreSQL. */
export function makeExportStore(parts: Parts): ExportStore {
  const { database } = parts
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
    rows: (tenantId, personId, part) => readRows(parts, { tenantId, personId, part }),
    messages: (tenantId, chatId) => readMessages(parts, tenantId, chatId),
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

async function* readRows(
  { database, sealer: sealers }: Parts,
  { tenantId, personId, part }: { tenantId: string; personId: string; part: ExportPart },
): AsyncGenerator<ExportedRow> {
  const sealer = await sealers.forTenant(tenantId)
  const query = exportQueries[part]
  let after: string | undefined
  for (;;) {
    const rows = await database.query(pageSql(query, after !== undefined), {
      ...{ tenant: tenantId, person: personId, limit: pageRows },
      ...(after !== undefined && { after }),
    })
    for (const row of rows) yield opened(sealer, query, text(row, 'told'))
    const last = rows.at(-1)
    if (last === undefined || rows.length < pageRows) return
    after = text(last, 'position')
  }
}

function pageSql({ told, from, key, keyType }: ExportQuery, continued: boolean): string {
  return `select (${told})::text as told, (${key})::text as position
    from (select persons_of_v1(:tenant::bigint, :person::bigint) as ids) same ${from}
    ${continued ? `and ${key} > :after::${keyType}` : ''}
    order by ${key} limit :limit::integer`
}

/** Sealed columns come in base64 under their own names, with the token of their row. */
function opened(sealer: TenantSealer, { cells = [] }: ExportQuery, json: string): ExportedRow {
  const { rowToken, ...row } = JSON.parse(json) as Readonly<Record<string, unknown>>
  const shown = cells.map(({ name, table, column, token }) => {
    const sealed = row[name]
    if (typeof sealed !== 'string') return [name, null] as const
    const cell = { table, column, rowToken: String(token === undefined ? rowToken : row[token]) }
    return [name, sealer.open(cell, fromBase64(sealed.replaceAll('\n', '')))] as const
  })
  const tokens = new Set(cells.map(({ token }) => token))
  const plain = Object.entries(row).filter(([name]) => !tokens.has(name))
  return { ...Object.fromEntries(plain), ...Object.fromEntries(shown) }
}

async function* readMessages(parts: Parts, tenantId: string, chatId: string) {
  let cursor: string | undefined
  do {
    const page = await listMessages(
      parts,
      { tenantId },
      { chatId, cursor, limit: 100, order: 'asc' },
    )
    yield* page?.items ?? []
    cursor = page?.nextCursor
  } while (cursor !== undefined)
}
