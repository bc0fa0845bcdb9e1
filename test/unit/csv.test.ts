import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toCsv } from '#shared/domain/csv.ts'

/** RFC 4180, read by the book. */
function readCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = []
  let row: string[] = []
  for (const [, quoted, plain = '', end] of text.matchAll(
    /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy,
  )) {
    row.push(quoted?.replaceAll('""', '"') ?? plain)
    if (end === ',') continue
    rows.push(row)
    row = []
  }
  return rows
}

describe('CSV', () => {
  it.each(['=1+1', '+55', '-2', '@SUM(A1)', '\tx', '\rx'])('lets no spreadsheet run %j', (text) => {
    expect(readCsv(toCsv([[text]]))).toEqual([[`'${text}`]])
  })

  it('quotes what would break a row', () => {
    expect(toCsv([['a,b', 'c"d', 'e\nf', 'g']])).toBe('"a,b","c""d","e\nf",g\r\n')
  })

  it('reads back as it was written, but for the sign before what could be a formula', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.string({ unit: 'binary' }), { minLength: 2, maxLength: 4 })),
        (rows) => {
          const safe = rows.map((row) =>
            row.map((text) => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text)),
          )
          expect(readCsv(toCsv(rows))).toEqual(safe)
        },
      ),
      { numRuns: 1000 },
    )
  })
})
