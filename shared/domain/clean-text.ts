/**
 * The one place that says which characters may come in. What a client sends is normalised or
 * refused; what a provider brings is made safe, because it cannot be sent back. Which field has
 * which rule stands in shared/contracts/README.md.
 */

/** C0 but tab and line feed, DEL, and C1. */
const control = /[^\P{Cc}\t\n]/u
const controls = new RegExp(control, 'gu')
const lineEnds = /\r\n?/g
/** Tab and every end of a line. */
const beyondOneLine = /[\t\n\u2028\u2029]/
const runsBeyondOneLine = /[\t\n\u2028\u2029]+/g
/** Embeddings, overrides and isolates: they turn what follows around, as in `boleto\u202Efdp.exe`. */
const direction = /[\u202a-\u202e\u2066-\u2069]/
const directions = new RegExp(direction, 'g')

/** NFC, and one form for the ends of lines. Lone surrogates and controls stay, to be refused. */
export function normalText(text: string): string {
  return text.normalize('NFC').replace(lineEnds, '\n')
}

/** What is wrong with a text of several lines, in English, for programmers; undefined: nothing. */
export function textFault(text: string): string | undefined {
  if (text.trim() === '') return 'must not be empty'
  if (!text.isWellFormed()) return 'holds half a surrogate pair'
  return control.test(text) ? 'holds control characters' : undefined
}

/** What is wrong with a text of one line. */
export function lineFault(text: string): string | undefined {
  return textFault(text) ?? (beyondOneLine.test(text) ? 'must be one line' : undefined)
}

/** What is wrong with a name or an id of somebody else's system. */
export function nameFault(text: string): string | undefined {
  return lineFault(text) ?? (direction.test(text) ? 'turns the direction of writing' : undefined)
}

/** A provider's text as any store takes it: half pairs become U+FFFD, controls go. */
export function safeText(text: string): string {
  return text.toWellFormed().replace(lineEnds, '\n').replace(controls, '')
}

/** A provider's name for somebody, as one line that nothing turns around. */
export function safeName(text: string): string {
  return safeText(text).replace(runsBeyondOneLine, ' ').replace(directions, '').trim()
}
