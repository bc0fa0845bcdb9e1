/** What ends a line somewhere, or is no text: C0 and C1 controls, U+2028, U+2029. */
const breaking = /[\p{Cc}\u2028\u2029]/u
const breakings = /[\p{Cc}\u2028\u2029]+/gu
/** Characters without a shape that turn or join the text around them (bidi controls, zero width). */
const shapeless = /[\u200b\u2060\ufeff\u00ad\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** Whether a text can stand in a header as it is: one line, well-formed, no controls. */
export function isOneLine(text: string, maxLength: number): boolean {
  return text.length <= maxLength && text.isWellFormed() && !breaking.test(text)
}

/** One line out of what a stranger wrote: controls are spaces, what turns the text is dropped. */
export function oneLine(text: string, maxLength: number): string {
  const shown = text
    .slice(0, maxLength * 4)
    .toWellFormed()
    .replace(shapeless, '')
  const line = shown.replace(breakings, ' ').replace(/\s+/g, ' ').trim()
  return line.slice(0, maxLength).toWellFormed().trim()
}

/** Text of several lines: ends of lines become `\n`, other controls but the tab go. */
export function manyLines(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n?|[\u2028\u2029\u0085]/g, '\n')
    .replace(/[^\P{Cc}\n\t]/gu, '')
}

/** The name of a file without a path; `anexo` when nothing is left of it. */
export function plainFilename(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? ''
  const line = oneLine(last, 2000).replace(/["<>:|?*]/g, '_')
  const dot = line.lastIndexOf('.')
  const extension = dot > 0 && line.length - dot <= 16 ? line.slice(dot) : ''
  const stem = line
    .slice(0, line.length - extension.length)
    .slice(0, 120)
    .toWellFormed()
  return /^\.*$/.test(line) ? 'anexo' : `${stem}${extension}`
}

/** `type/subtype` in lower case; anything else is only bytes. */
export function plainMimeType(mimeType: string): string {
  const bare = mimeType.split(';')[0]?.trim().toLowerCase() ?? ''
  return /^[a-z0-9][a-z0-9!#$&^_.+-]{0,62}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/.test(bare)
    ? bare
    : 'application/octet-stream'
}
