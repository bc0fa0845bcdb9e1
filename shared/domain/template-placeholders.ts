/** A text with its placeholders apart. */
export type TemplatePart = string | Placeholder

export interface Placeholder {
  readonly name: string
  /** Of a count: what is said of one, and of any other number. */
  readonly plural?: { readonly one: string; readonly other: string }
}

/** How a variable of a template is called. */
export const variableName = /^[a-z][A-Za-z0-9_]{0,59}$/

const placeholder = /\{\{([^{}]*)\}\}/g
const brace = /\{\{|\}\}/
/** Elsewhere that means a value that is not escaped. */
const triple = /\{\{\{|\}\}\}/

/** The parts of a text that has no fault: see `placeholderFault`. */
export function partsOf(text: string): readonly TemplatePart[] {
  // A capturing split alternates: text, what stood between braces, text, …
  return text
    .split(placeholder)
    .map((part, place) => (place % 2 === 0 ? part : placeholderOf(part)))
    .filter((part) => part !== '')
}

/** What is wrong with the placeholders of a text, in English, for programmers; undefined: nothing. */
export function placeholderFault(text: string): string | undefined {
  if (triple.test(text)) return 'holds three braces in a row'
  for (const [place, part] of text.split(placeholder).entries()) {
    if (place % 2 === 0 && brace.test(part)) return 'holds braces that are no placeholder'
    if (place % 2 === 1 && !isPlaceholder(part)) {
      return `holds {{${part.slice(0, 60)}}}: must be {{name}} or {{name|one|other}}`
    }
  }
  return undefined
}

function placeholderOf(inner: string): Placeholder {
  const [name = '', one, other] = inner.split('|')
  return one === undefined || other === undefined ? { name } : { name, plural: { one, other } }
}

function isPlaceholder(inner: string): boolean {
  const [name = '', ...words] = inner.split('|')
  const isPlural = words.length === 2 && words.every((word) => word.trim() !== '')
  return variableName.test(name) && (words.length === 0 || isPlural)
}
