import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openChatBody } from '#shared/contracts/chats.ts'
import { cleanLine, cleanName, cleanText } from '#shared/contracts/text.ts'
import {
  lineFault,
  nameFault,
  normalText,
  safeName,
  safeText,
  textFault,
} from '#shared/domain/clean-text.ts'

/** Any text at all: half pairs, controls, marks of direction, what NFC changes. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 5 }),
      fc.constantFrom(
        ...['\ud83d', '\ude00', '\u0000', '\u001b', '\u007f', '\u0085', '\t', '\n', '\r', '\r\n'],
        ...['\u2028', '\u2029', '\u202e', '\u2066', '\u2069', '\u200d', 'e\u0301', '\u212b', ' '],
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''))

const controls = /[^\P{Cc}\t\n]/u
const directions = /[\u202a-\u202e\u2066-\u2069]/
const rules = { text: cleanText(100), line: cleanLine(100), name: cleanName(100) }

describe('what clients send', () => {
  it('comes out normalised, well-formed, without controls, and within its limit', () => {
    void fc.assert(
      fc.property(anyText, fc.constantFrom('text', 'line', 'name'), (said, rule) => {
        const taken = rules[rule].safeParse(said).data
        if (taken === undefined) return
        expect(taken).toBe(normalText(said))
        expect(taken).toBe(taken.normalize('NFC'))
        expect(taken.isWellFormed()).toBe(true)
        expect(taken).not.toMatch(controls)
        expect(taken.trim()).not.toBe('')
        expect(taken.length).toBeLessThanOrEqual(100)
        if (rule !== 'text') expect(taken).not.toMatch(/[\t\n\r\u2028\u2029]/)
        if (rule === 'name') expect(taken).not.toMatch(directions)
      }),
    )
  })

  it('and goes in a second time as it came out', () => {
    void fc.assert(
      fc.property(anyText, (said) => {
        const taken = rules.text.safeParse(said).data
        if (taken !== undefined) expect(rules.text.parse(taken)).toBe(taken)
      }),
    )
  })

  it('a name is a line, and a line is a text', () => {
    void fc.assert(
      fc.property(anyText, (said) => {
        if (nameFault(said) === undefined) expect(lineFault(said)).toBeUndefined()
        if (lineFault(said) === undefined) expect(textFault(said)).toBeUndefined()
      }),
    )
  })

  it.each([
    ['U+0000', 'a\u0000b', 'holds control characters'],
    ['an escape', 'a\u001bb', 'holds control characters'],
    ['DEL', 'a\u007fb', 'holds control characters'],
    ['C1', 'a\u0085b', 'holds control characters'],
    ['half a pair', 'a\ud83d', 'holds half a surrogate pair'],
    ['the other half', '\ude00a', 'holds half a surrogate pair'],
    ['nothing', '', 'must not be empty'],
    ['space', ' \n\t\u3000', 'must not be empty'],
  ])('%s is refused everywhere', (_, said, message) => {
    for (const rule of Object.values(rules)) {
      expect(rule.safeParse(said).error?.issues).toMatchObject([{ message }])
    }
  })

  it.each(['\n', '\r', '\r\n', '\t', '\u2028', '\u2029'])('%j ends no line of one', (end) => {
    expect(rules.line.safeParse(`a${end}b`).error?.issues).toMatchObject([
      { message: 'must be one line' },
    ])
    expect(rules.name.safeParse(`a${end}b`).success).toBe(false)
    expect(rules.text.parse(`a${end}b`)).toBe(`a${end.replace(/\r\n?/, '\n')}b`)
  })

  it.each([
    '\u202a',
    '\u202b',
    '\u202c',
    '\u202d',
    '\u202e',
    '\u2066',
    '\u2067',
    '\u2068',
    '\u2069',
  ])('%j turns names around; texts may hold it', (mark) => {
    const said = `boleto${mark}fdp.exe`
    expect(rules.name.safeParse(said).success).toBe(false)
    expect(rules.line.parse(said)).toBe(said)
    expect(rules.text.parse(said)).toBe(said)
  })

  it('of people passes: accents, emoji, other scripts, their marks', () => {
    for (const said of ['Olá, Ana! ✓', '👩‍👩‍👧', 'مرحبا', "d'Ávila", 'می‌خواهم', '\u200fשלום']) {
      expect(rules.name.parse(said)).toBe(said)
    }
    expect(rules.text.parse('linha 1\nlinha 2\tfim')).toBe('linha 1\nlinha 2\tfim')
  })

  it('two forms of one name are one', () => {
    const contacts = [{ channel: 'WHATSAPP', address: '+5511987654321' }]
    const ids = ['Jose\u0301', 'José'].map(
      (externalId) => openChatBody.parse({ person: { externalId }, contacts }).person.externalId,
    )
    expect(ids).toEqual(['José', 'José'])
  })

  it('counts what comes out, and does not work on what is far too long', () => {
    expect(cleanText(3).parse('e\u0301'.repeat(3))).toBe('ééé')
    expect(cleanText(3).safeParse('éééé').success).toBe(false)
    expect(cleanText(3).safeParse('a\u0301\u0323'.repeat(100_000)).success).toBe(false)
  })
})

describe('what providers bring', () => {
  it('can be stored, and is kept as it was but for what cannot', () => {
    void fc.assert(
      fc.property(anyText, (said) => {
        const safe = safeText(said)
        expect(safe.isWellFormed()).toBe(true)
        expect(safe).not.toMatch(controls)
        expect(safeText(safe)).toBe(safe)
        const harmless = said.isWellFormed() && !controls.test(said)
        if (harmless) expect(safe).toBe(said)
      }),
    )
  })

  it('a name is one line that turns nothing around', () => {
    void fc.assert(
      fc.property(anyText, (said) => {
        const safe = safeName(said)
        expect(safe).not.toMatch(/[\t\n\r\u2028\u2029]/)
        expect(safe).not.toMatch(directions)
        expect(safe).toBe(safe.trim())
        if (safe !== '') expect(nameFault(safe)).toBeUndefined()
      }),
    )
  })

  it('is not normalised: it is what was written', () => {
    expect(safeText('e\u0301\ud83d\u0000\u0007fim\r\n')).toBe('e\u0301\ufffdfim\n')
    expect(safeName(' Ana\r\n\u202eLima\u0000 ')).toBe('Ana Lima')
  })
})
