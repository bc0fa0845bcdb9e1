import type { Row } from './data-api.ts'

/** Readers of one column; each throws when the column does not hold what the query promises. */
export function text(row: Row, column: string): string {
  const value = row[column]
  if (typeof value !== 'string') throw new Error(`column ${column} holds no text`)
  return value
}

export function optionalText(row: Row, column: string): string | undefined {
  return row[column] === null || row[column] === undefined ? undefined : text(row, column)
}

/** bigint and integer come as text, double precision as a number. */
export function number(row: Row, column: string): number {
  const value = Number(row[column] ?? Number.NaN)
  if (Number.isNaN(value)) throw new Error(`column ${column} holds no number`)
  return value
}

export function optionalNumber(row: Row, column: string): number | undefined {
  return row[column] === null || row[column] === undefined ? undefined : number(row, column)
}

export function flag(row: Row, column: string): boolean {
  return row[column] === true
}

export function optionalBytes(row: Row, column: string): Uint8Array | undefined {
  const value = row[column]
  return value instanceof Uint8Array ? value : undefined
}

export function bytes(row: Row, column: string): Uint8Array {
  const value = optionalBytes(row, column)
  if (value === undefined) throw new Error(`column ${column} holds no bytes`)
  return value
}
