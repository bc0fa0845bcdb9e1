import type { BoundSource, TemplateValues } from './message-template.ts'
import type { TemplateContent } from './template-content.ts'
import { fillText } from './template-fill.ts'
import type { TemplateProblem } from './template-shape.ts'
import { boundCopy, valueProblems } from './template-source.ts'
import { textProblems } from './template-texts.ts'

/** What a template is filled with. */
export interface Filling {
  /** BCP 47; how numbers and dates are written. */
  readonly language: string
  readonly values: TemplateValues
}

/** What a source became, or why it did not. */
export type Filled<T> =
  | { readonly outcome: 'filled'; readonly content: T }
  | { readonly outcome: 'refused'; readonly problems: readonly TemplateProblem[] }

/**
 * The send of a provider template that a source becomes. Refused where a value is missing or of
 * another type, or where a parameter is one that Meta refuses: paths `variables.<name>` and
 * `content.variables.…`.
 */
export function boundContent(
  source: BoundSource,
  { language, values }: Filling,
): Filled<TemplateContent> {
  const missing = valueProblems(source, values)
  if (missing.length > 0) return { outcome: 'refused', problems: missing }
  const content = boundCopy(source, (text) => fillText(text, values, { language }))
  const problems = textProblems(content)
  return problems.length > 0 ? { outcome: 'refused', problems } : { outcome: 'filled', content }
}
