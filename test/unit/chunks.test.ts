import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packChunks } from '#shared/domain/chunks.ts'

describe('packChunks', () => {
  it('loses, adds and reorders nothing, and stays under both limits', () => {
    void fc.assert(
      fc.property(
        fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 1, max: 400 }),
        (items, maxItems, maxBytes) => {
          const chunks = packChunks(items, { maxItems, maxBytes })
          const parsed = chunks.map((chunk) => JSON.parse(chunk) as unknown[])
          expect(JSON.stringify(parsed.flat(1))).toBe(JSON.stringify(items))
          for (const [index, chunk] of parsed.entries()) {
            expect(chunk.length).toBeGreaterThan(0)
            expect(chunk.length).toBeLessThanOrEqual(maxItems)
            if (chunk.length === 1) continue
            // One comma or bracket an item, and the last bracket.
            expect(Buffer.byteLength(chunks[index] ?? '')).toBeLessThanOrEqual(maxBytes + 1)
          }
        },
      ),
    )
  })

  it('counts bytes, not characters: accents, emoji and half pairs', () => {
    const limits = { maxItems: 100, maxBytes: 40 }
    for (const text of ['ç'.repeat(10), '😀'.repeat(5), '漢'.repeat(7)]) {
      for (const chunk of packChunks([text, text, text, text], limits)) {
        expect(Buffer.byteLength(chunk)).toBeLessThanOrEqual(41)
      }
    }
    expect(JSON.parse(packChunks(['\ud83d'], limits)[0] ?? '')).toEqual(['\ud83d'])
  })

  it('lets a larger item stand alone, and fills no chunk for nothing', () => {
    const large = 'x'.repeat(100)
    const chunks = packChunks([1, large, 2], { maxItems: 10, maxBytes: 20 })
    expect(chunks.map((chunk) => JSON.parse(chunk))).toEqual([[1], [large], [2]])
    expect(packChunks([], { maxItems: 10, maxBytes: 20 })).toEqual([])
  })

  it('makes undefined null, as JSON does in a list', () => {
    expect(packChunks([undefined], { maxItems: 1, maxBytes: 10 })).toEqual(['[null]'])
  })
})
