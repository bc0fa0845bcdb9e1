import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { layoutPieces } from '#infra/layouts.ts'
import { htmlText } from '#shared/adapters/email/html-text.ts'
import { mailLayout } from '#shared/adapters/email/layout/mail-layout.ts'
import type { FilledMail } from '#shared/domain/mail-template.ts'

const mail = (parts: Partial<FilledMail>): FilledMail => ({
  language: 'pt-BR',
  subject: 'Aviso',
  preheader: undefined,
  blocks: [],
  ...parts,
})

/** A value → how it stands as text and between the quotes of an attribute. */
const escapes: readonly (readonly [string, string])[] = [
  ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
  ['" onmouseover="alert(1)', '&quot; onmouseover=&quot;alert(1)'],
  ["' onload='x", '&#39; onload=&#39;x'],
  ['&amp;', '&amp;amp;'],
  ['[[from]]', '[[from]]'],
  ['$& $1 $$', '$&amp; $1 $$'],
  ['--><!--', '--&gt;&lt;!--'],
]

describe('the layout of mails', () => {
  it('is what MJML makes of its source', async () => {
    const checkedIn = await readFile('shared/adapters/email/layout/pieces.json', 'utf8')
    expect(checkedIn).toBe(await layoutPieces())
  })

  it.each(escapes)('shows %s as it is, in texts and attributes', (value, written) => {
    const texts = mailLayout.html(
      mail({
        subject: value,
        preheader: value,
        blocks: [
          { type: 'paragraph', text: value },
          { type: 'facts', rows: [{ label: value, value }] },
          { type: 'code', label: value, value },
        ],
      }),
      value,
    )
    expect(texts.split(written)).toHaveLength(10)
    expect(texts).toContain(`aria-label="${written}"`)
    expect(texts).toContain(`<title>${written}</title>`)
  })

  it('writes an address between quotes', () => {
    const html = mailLayout.html(
      mail({ blocks: [{ type: 'button', label: 'Pagar', url: 'https://a.test/?a=1&b="2"' }] }),
      undefined,
    )
    expect(html).toContain('href="https://a.test/?a=1&amp;b=&quot;2&quot;"')
  })

  it('asks nothing of the network and holds no script', () => {
    const html = mailLayout.html(mail({ blocks: [{ type: 'divider' }] }), 'Silva')
    expect(html).not.toMatch(/<script|<link|@import|<img|url\(/)
    expect(html).toContain('lang="pt-BR"')
  })

  it('says every text of its blocks, whatever it holds, and in their order', () => {
    const words = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(fc.array(words, { minLength: 1, maxLength: 5 }), (texts) => {
        const blocks = texts.map((text) => ({ type: 'paragraph' as const, text: `x${text}x` }))
        const shown = htmlText(mailLayout.html(mail({ blocks }), undefined)).text
        const plain = (text: string) => text.replace(/\s+/g, '')
        expect(plain(shown)).toBe(plain(texts.map((text) => `x${text}x`).join('')))
      }),
    )
  })
})
