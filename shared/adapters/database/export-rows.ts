import type { ExportedRow } from '../../ports/exports.ts'
import type { TenantSealer } from '../../ports/sealer.ts'
import type { DataApi } from './data-api.ts'
import type { ExportQuery } from './export-query.ts'
import { flag, text } from './row-values.ts'
import { fromBase64 } from './sealed-cells.ts'

/** What the rows are of: a person with all who were merged into them, or messages. */
export type RowsOf =
  | { readonly tenantId: string; readonly personId: string }
  | { readonly tenantId: string; readonly messageIds: readonly string[] }

const pageRows = 500
/** Under the Data API's 1 MiB a result, where quotes and line ends of a text count twice. */
export const pageBytes = 600_000

/** All rows of a part in the order of their key, page by page. */
export async function* readRows(
  database: DataApi,
  sealer: TenantSealer,
  { of, query }: { readonly of: RowsOf; readonly query: ExportQuery },
): AsyncGenerator<ExportedRow> {
  let after: string | undefined
  for (;;) {
    const rows = await database.query(pageSql(query, of, after !== undefined), {
      ...{ tenant: of.tenantId, limit: pageRows, bytes: pageBytes },
      ...('personId' in of ? { person: of.personId } : { messages: JSON.stringify(of.messageIds) }),
      ...(after !== undefined && { after }),
    })
    for (const row of rows) yield opened(sealer, query, text(row, 'told'))
    const last = rows.at(-1)
    if (last === undefined) return
    if (flag(last, 'is_last') && rows.length < pageRows) return
    after = text(last, 'position')
  }
}

function pageSql({ told, from, key, keyType }: ExportQuery, of: RowsOf, continued: boolean) {
  const start =
    'personId' in of
      ? '(select persons_of_v1(:tenant::bigint, :person::bigint) as ids) same'
      : '(select w.id::bigint as message_id from jsonb_array_elements_text(:messages::jsonb) w (id)) of'
  return `select f.told, f.position, f.is_last from (
      select r.told, r.position, r.place, lead(r.position) over w is null as is_last,
        row_number() over w = 1
          or sum(octet_length(r.told) + 200) over w <= :bytes::integer as fits
      from (
        select (${told})::text as told, (${key})::text as position, ${key} as place
        from ${start} ${from}
        ${continued ? `and ${key} > :after::${keyType}` : ''}
        order by ${key} limit :limit::integer) r
      window w as (order by r.place)) f
    where f.fits order by f.place`
}

/** Sealed columns come in base64 under their own names, with the token of their row. */
function opened(sealer: TenantSealer, { cells = [] }: ExportQuery, json: string): ExportedRow {
  const { rowToken, ...row } = JSON.parse(json) as Readonly<Record<string, unknown>>
  const shown = cells.map(({ name, table, column, token, isJson }) => {
    const sealed = row[name]
    if (typeof sealed !== 'string') return [name, null] as const
    const cell = { table, column, rowToken: String(token === undefined ? rowToken : row[token]) }
    const said = sealer.open(cell, fromBase64(sealed.replaceAll('\n', '')))
    return [name, isJson ? (JSON.parse(said) as unknown) : said] as const
  })
  const tokens = new Set(cells.map(({ token }) => token))
  const plain = Object.entries(row).filter(([name]) => !tokens.has(name))
  return { ...Object.fromEntries(plain), ...Object.fromEntries(shown) }
}
