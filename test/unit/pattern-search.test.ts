import fc from 'fast-check'
import { expect, it } from 'vitest'
import { makePatternSearch } from '#test/support/pattern-search.ts'

/** Few letters, so that patterns overlap, repeat and stand in each other. */
const words = (minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom('a', 'b', 'á', '😀'), minLength, maxLength })

it('finds what stands in a text, and nothing else', () => {
  fc.assert(
    fc.property(
      fc.array(words(1, 6), { minLength: 1, maxLength: 20 }),
      words(0, 200),
      (patterns, text) => {
        const standing = patterns.filter((pattern) => text.includes(pattern))
        expect(makePatternSearch(patterns)(text)).toEqual(new Set(standing))
      },
    ),
  )
})

it('finds each of thousands in a large text', () => {
  const patterns = Array.from({ length: 20_000 }, (_, index) => `pessoa ${index} de todas`)
  const search = makePatternSearch(patterns)
  const filler = 'nada que se procura aqui '.repeat(40)
  const text = patterns.slice(0, 500).join(filler)
  expect(search(text)).toEqual(new Set(patterns.slice(0, 500)))
})

it('refuses to look for nothing', () => {
  expect(() => makePatternSearch(['', 'a'])).toThrow(RangeError)
})
