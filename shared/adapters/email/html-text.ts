import { compile, type FormatCallback } from 'html-to-text'
import { manyLines } from './mail-line.ts'
import { quoteMark, restMark } from './quoted-text.ts'

/** Reading grows with the square of tags that never close: 20,000 take a third of a second. */
const maxTags = 20_000
const maxLength = 500_000

const marked =
  (mark: string): FormatCallback =>
  (element, walk, builder) => {
    builder.openBlock({ leadingLineBreaks: 1 })
    builder.addInline(mark)
    builder.addLineBreak()
    walk(element.children, builder)
    builder.closeBlock({ trailingLineBreaks: 1 })
  }

/** Where Outlook, Yahoo and others put what is answered; all that follows is part of it. */
const restSelectors = [
  'div#divRplyFwdMsg',
  'div#appendonsend',
  'div#mail-editor-reference-message-container',
  'div#OLK_SRC_BODY_SECTION',
  'div.yahoo_quoted',
]
const quoteSelectors = ['div.gmail_quote', 'div.gmail_quote_container']
const headings = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6']

const convert = compile({
  wordwrap: false,
  limits: { maxDepth: 50, maxInputLength: maxLength, ellipsis: '' },
  formatters: {
    rest: marked(restMark),
    quote: marked(quoteMark),
    signature: marked('--'),
  },
  selectors: [
    ...restSelectors.map((selector) => ({ selector, format: 'rest' })),
    ...quoteSelectors.map((selector) => ({ selector, format: 'quote' })),
    { selector: 'div.gmail_signature', format: 'signature' },
    ...headings.map((selector) => ({ selector, options: { uppercase: false } })),
    { selector: 'a', options: { hideLinkHrefIfSameAsText: true, noAnchorUrl: true } },
    { selector: 'img', format: 'skip' },
    { selector: 'hr', format: 'skip' },
    { selector: 'style', format: 'skip' },
    { selector: 'script', format: 'skip' },
    { selector: 'head', format: 'skip' },
    { selector: 'title', format: 'skip' },
  ],
})

/**
 * The text of an HTML mail, with marks where its program says that the answered mail begins. HTML
 * is only ever read so, never kept or shown.
 */
export function htmlText(html: string): { readonly text: string; readonly isCut: boolean } {
  const bounded = boundTags(html.slice(0, maxLength))
  return { text: convert(manyLines(bounded)), isCut: bounded.length < html.length }
}

function boundTags(html: string): string {
  let tags = 0
  for (let at = html.indexOf('<'); at >= 0; at = html.indexOf('<', at + 1)) {
    tags += 1
    if (tags > maxTags) return html.slice(0, at)
  }
  return html
}
