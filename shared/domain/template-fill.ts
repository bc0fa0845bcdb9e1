import type { TemplateValue, TemplateValues } from './message-template.ts'
import { type Placeholder, partsOf } from './template-placeholders.ts'
import { pluralWord, valueText } from './template-values.ts'

interface FillOptions {
  /** BCP 47. */
  readonly language: string
  /** Makes a value harmless where it is put; the template's own words stay as they are. */
  readonly escape?: (text: string) => string
}

/**
 * A text with its placeholders filled, in one pass: what a value holds is never read again. The
 * values are those that `valueProblems` has found nothing wrong with.
 */
export function fillText(
  text: string,
  values: TemplateValues,
  { language, escape: safe = (value) => value }: FillOptions,
): string {
  return partsOf(text)
    .map((part) => (typeof part === 'string' ? part : safe(written(part, values, language))))
    .join('')
}

/** The value of a variable; names of what every object has are none. */
export function valueNamed(values: TemplateValues, name: string): TemplateValue | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined
}

function written({ name, plural }: Placeholder, values: TemplateValues, language: string): string {
  const value = valueNamed(values, name)
  if (value === undefined) throw new Error(`a template is filled without its ${name}`)
  const text = valueText(value, language)
  return plural === undefined || typeof value === 'string' || value.type !== 'count'
    ? text
    : `${text} ${pluralWord(value.count, plural, language)}`
}
