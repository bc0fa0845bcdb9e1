import pg from 'pg'
import type { ColumnType, ValueKind } from './column-types.ts'
import { DataApiError } from './errors.ts'
import type { ExecuteRequest } from './request.ts'

/** Values in PostgreSQL's text form. */
export type RawRow = readonly (string | null)[]

export type ResultSetOptions = NonNullable<ExecuteRequest['resultSetOptions']>

/** One member, as in the Field union of the SDK; blobs in base64, odd doubles as words. */
export type Field = Readonly<Record<string, unknown>>

const maxRowBytes = 64 * 1024
const maxResultBytes = 1024 * 1024
const maxFormattedBytes = 10 * 1024 * 1024

// Missing from the types' list of ids, which takes any number but not this literal.
const textArrayOid: number = 1009
const parseArray: (text: string) => unknown[] = pg.types.getTypeParser(textArrayOid, 'text')

/**
 * Rows as the service returns them.
 * @throws BadRequestException when a row is over 64 KB or all of them are over 1 MiB.
 * @throws UnsupportedResultException for an array of more than one dimension.
 */
export function fieldsOf(
  rows: readonly RawRow[],
  columns: readonly ColumnType[],
  options: ResultSetOptions,
): readonly (readonly Field[])[] {
  const bytes = checkRows(rows, columns)
  if (bytes > maxResultBytes) throw responseTooLarge()
  return rows.map((row) => row.map((text, index) => fieldOf(text, columns[index], options)))
}

/**
 * The value of `formattedRecords`: a JSON array of objects, one per row. A json column stays a string.
 * @throws BadRequestException when it is over 10 MiB or two columns share a name.
 */
export function formatRecords(
  result: { readonly rows: readonly RawRow[]; readonly names: readonly string[] },
  columns: readonly ColumnType[],
  options: ResultSetOptions,
): string {
  const { rows, names } = result
  if (new Set(names).size < names.length) {
    throw new DataApiError('BadRequestException', 'The column names of the result are not unique')
  }
  checkRows(rows, columns)
  const objects = rows.map((row) =>
    Object.fromEntries(row.map((text, at) => [names[at], plainValue(text, columns[at], options)])),
  )
  const formatted = JSON.stringify(objects)
  if (Buffer.byteLength(formatted) > maxFormattedBytes) throw responseTooLarge()
  return formatted
}

function plainValue(
  text: string | null,
  column: ColumnType | undefined,
  options: ResultSetOptions,
): unknown {
  const [[member, value] = []] = Object.entries(fieldOf(text, column, options))
  if (member === 'isNull') return null
  return member === 'arrayValue' ? Object.values(value as object)[0] : value
}

function fieldOf(
  text: string | null,
  column: ColumnType | undefined,
  options: ResultSetOptions,
): Field {
  if (text === null || column === undefined) return { isNull: true }
  const member = memberOf(column.kind, options)
  if (column.isArray) return { arrayValue: arrayOf(text, member, column) }
  if (member === 'decimal') return decimalOf(text)
  return { [`${member}Value`]: readValue(text, member, column.kind) }
}

type Member = 'boolean' | 'long' | 'double' | 'string' | 'blob' | 'decimal'

function memberOf(kind: ValueKind, options: ResultSetOptions): Member {
  if (kind === 'long') return options.longReturnType === 'STRING' ? 'string' : 'long'
  if (kind === 'decimal') return options.decimalReturnType === 'DOUBLE_OR_LONG' ? kind : 'string'
  return kind === 'instant' ? 'string' : kind
}

function decimalOf(text: string): Field {
  const isLong = /^-?\d+$/.test(text) && Number.isSafeInteger(Number(text))
  return isLong ? { longValue: Number(text) } : { doubleValue: doubleOf(text) }
}

function arrayOf(text: string, member: Member, column: ColumnType): Field {
  const elements = parseArray(text)
  if (elements.some(Array.isArray)) {
    const message = 'The result contains a multidimensional array.'
    throw new DataApiError('UnsupportedResultException', message)
  }
  const plain = member === 'decimal' ? 'double' : member
  const values = elements.map((element) =>
    element === null ? null : readValue(String(element), plain, column.kind),
  )
  return { [`${plain}Values`]: values }
}

function readValue(text: string, member: Member, kind: ValueKind): unknown {
  if (member === 'boolean') return text === 't'
  if (member === 'long') return Number(text)
  if (member === 'double') return doubleOf(text)
  if (member === 'blob') return Buffer.from(text.slice(2), 'hex').toString('base64')
  // The session's zone is UTC; the service leaves the zone out.
  return kind === 'instant' ? text.replace(/\+00(?= BC$|$)/, '') : text
}

/** JSON has no NaN and no infinity: they travel as words. */
function doubleOf(text: string): number | string {
  const value = Number(text)
  return Number.isFinite(value) ? value : text
}

function checkRows(rows: readonly RawRow[], columns: readonly ColumnType[]): number {
  let total = 0
  for (const row of rows) {
    const bytes = bytesOf(row, columns)
    if (bytes > maxRowBytes) {
      throw new DataApiError('BadRequestException', 'Packet for query is too large')
    }
    total += bytes
  }
  return total
}

function bytesOf(row: RawRow, columns: readonly ColumnType[]): number {
  let bytes = 0
  for (const [index, text] of row.entries()) {
    if (text === null) continue
    // Two digits a byte, after `\x`.
    bytes += columns[index]?.kind === 'blob' ? text.length / 2 - 1 : Buffer.byteLength(text)
  }
  return bytes
}

function responseTooLarge(): DataApiError {
  return new DataApiError('BadRequestException', 'Database response exceeded size limit')
}
