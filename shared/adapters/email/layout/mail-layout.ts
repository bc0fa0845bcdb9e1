import type { FilledBlock } from '../../../domain/mail-template.ts'
import type { MailLayout } from '../../../ports/mail-layout.ts'
import pieces from './pieces.json' with { type: 'json' }

type Slots = Readonly<Record<string, string>>

/** Puts texts into the pieces that `npm run layouts` has made of `mail.mjml`. */
export const mailLayout: MailLayout = {
  html: ({ language, subject, preheader = '', blocks }, from = '') =>
    [
      withTexts(pieces.head, { language, subject, preheader }),
      ...blocks.map(blockHtml),
      withTexts(pieces.foot, { from }),
    ].join('\n'),
}

function blockHtml(block: FilledBlock): string {
  switch (block.type) {
    case 'heading':
    case 'paragraph':
      return withTexts(pieces[block.type], { text: block.text })
    case 'button':
      return withTexts(pieces.button, { label: block.label, url: block.url })
    case 'code':
      return withTexts(pieces.code, { label: block.label, value: block.value })
    case 'divider':
      return pieces.divider
    case 'facts':
      return table('facts', block.rows)
    case 'installments':
      return table(
        'installments',
        block.rows.map((row) => ({ ...row })),
      )
  }
}

function table(kind: 'facts' | 'installments', rows: readonly Slots[]): string {
  const row = pieces[`${kind}.row`]
  return [pieces[kind], ...rows.map((texts) => withTexts(row, texts)), pieces[`${kind}.end`]].join(
    '\n',
  )
}

const slot = /\[\[(\w+)\]\]/g

/** In one pass: what a text holds is no slot. */
function withTexts(piece: string, texts: Slots): string {
  return piece.replace(slot, (_, name: string) => {
    const html = escaped(texts[name] ?? '')
    return name === 'text' ? html.replaceAll('\n', '<br>') : html
  })
}

const entities: Slots = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Right as a text and between the quotes of an attribute. */
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (char) => entities[char] ?? '')
}
