import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contentOfMail } from '#shared/domain/mail-content.ts'

const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value))
const attached = Array.from({ length: 20 }, (_, index) => ({
  mediaId: crypto.randomUUID(),
  filename: `${'ç'.repeat(120)}${index}.pdf`,
}))

describe('the content of a mail', () => {
  it('is all of a usual one, without what it does not have', () => {
    expect(contentOfMail({ subject: 'Oi', text: 'Bom dia', quoted: '' }, [])).toEqual({
      content: { type: 'email', subject: 'Oi', text: 'Bom dia' },
      isCut: false,
    })
    const [file] = attached
    const quoted = '> vence hoje'
    const { content } = contentOfMail({ subject: '', text: '', quoted }, file ? [file] : [])
    expect(content).toEqual({
      type: 'email',
      subject: '',
      text: '',
      quotedText: quoted,
      attachments: [file],
    })
  })

  it('gives its text 24 KB and what it quotes the rest of 36 KB', () => {
    const long = { subject: 'Oi', text: 'a'.repeat(100_000), quoted: 'b'.repeat(100_000) }
    const { content, isCut } = contentOfMail(long, [])
    expect(isCut).toBe(true)
    expect(content.text.length).toBeGreaterThan(23_900)
    expect(content.quotedText?.length).toBeGreaterThan(11_000)
    expect(bytesOf(content)).toBeLessThanOrEqual(36_000)
  })

  it('fits whatever it holds: escapes, emoji, and the longest names of twenty files', () => {
    const piece = fc.constantFrom('a', '"', '\\', '\n', 'ç', '€', '👋🏽', '\t')
    const long = fc.array(piece, { minLength: 1, maxLength: 40 }).map((pieces) => {
      const unit = pieces.join('')
      return unit.repeat(Math.ceil(50_000 / unit.length))
    })
    fc.assert(
      fc.property(long, long, (text, quoted) => {
        const subject = text.slice(0, 900).toWellFormed()
        const { content, isCut } = contentOfMail({ subject, text, quoted }, attached)
        expect(isCut).toBe(true)
        expect(bytesOf(content)).toBeLessThanOrEqual(36_000)
        expect(content.text.isWellFormed()).toBe(true)
        expect(text.startsWith(content.text)).toBe(true)
        expect(quoted.startsWith(content.quotedText ?? '')).toBe(true)
        expect(content.text.length).toBeGreaterThan(3000)
      }),
      { numRuns: 25 },
    )
  })
})
