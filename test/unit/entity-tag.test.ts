import { describe, expect, it } from 'vitest'
import { entityTag, isKnown, versionIn } from '#shared/runtime/entity-tag.ts'

const shown = '{"chatId":"7"}'

describe('entity tags', () => {
  it('change with every byte and with the version', () => {
    const tags = [
      entityTag(shown, undefined),
      entityTag(`${shown} `, undefined),
      entityTag(shown, '1'),
      entityTag(shown, '2'),
      entityTag(`${shown} `, '1'),
    ]
    expect(new Set(tags).size).toBe(tags.length)
    for (const tag of tags) expect(tag).toMatch(/^"[\w.-]+"$/)
  })

  it('tell If-Match their version', () => {
    expect(versionIn(entityTag(shown, '42'))).toBe('42')
    expect(versionIn(` ${entityTag(shown, '42')} `)).toBe('42')
  })

  it.each(['', '*', '42', '"42"', entityTag(shown, undefined), `W/${entityTag(shown, '42')}`])(
    'If-Match %j names no version',
    (given) => {
      expect(() => versionIn(given)).toThrow(expect.objectContaining({ code: 'version-mismatch' }))
    },
  )

  it('a missing If-Match is another mistake', () => {
    expect(() => versionIn(undefined)).toThrow(
      expect.objectContaining({ code: 'if-match-missing' }),
    )
  })

  it('are known by If-None-Match, in a list and weak too', () => {
    const tag = entityTag(shown, '42')
    for (const given of [tag, `W/${tag}`, `"a", ${tag}`, '*'])
      expect(isKnown(tag, given)).toBe(true)
    for (const given of [undefined, '', '"a"', entityTag(shown, '43')]) {
      expect(isKnown(tag, given)).toBe(false)
    }
  })
})
