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

  it.each([
    ['a;=1+1', "a;'=1+1"],
    ['a\n=1+1', "a\n'=1+1"],
    ['a\t "@SUM(A1)', 'a\t "\'@SUM(A1)'],
    ['＝1+1', "'＝1+1"],
    ['a = b; c', 'a = b; c'],
    ['2;\n-3', "2;\n'-3"],
  ])('lets %j begin no cell where cells are parted otherwise', (text, safe) => {
    expect(readCsv(toCsv([[text]]))).toEqual([[safe]])
  })

  it('reads back as it was written, but for signs before what could be a formula', () => {
    const risky = fc.string({ unit: fc.constantFrom(...'=+-@;,\t\r\n" a'), maxLength: 8 })
    fc.assert(
      fc.property(
        fc.array(
          fc.array(fc.oneof(fc.string({ unit: 'binary' }), risky), { minLength: 2, maxLength: 4 }),
        ),
        (rows) => {
          const read = readCsv(toCsv(rows))
          const bare = (cells: readonly (readonly string[])[]) =>
            cells.map((row) => row.map((text) => text.replaceAll("'", '')))
          expect(bare(read)).toEqual(bare(rows))
          const begun = read.flat().flatMap((text) => text.split(/[;\t\r\n]/))
          expect(begun.filter((text) => /^[\s"]*[=+\-@]/.test(text))).toEqual([])
        },
      ),
      { numRuns: 1000 },
    )
  })
})
