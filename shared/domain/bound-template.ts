import type {
  BoundSource,
  TemplateFile,
  TemplateValue,
  TemplateValues,
} from './message-template.ts'
import type { PaymentOrder, TemplateContent } from './template-content.ts'
import { fillText, valueNamed } from './template-fill.ts'
import type { TemplateProblem } from './template-shape.ts'
import { boundCopy, valueProblems } from './template-source.ts'
import { textProblems } from './template-texts.ts'

/** What a template is filled with. */
export interface Filling {
  /** BCP 47; how numbers and dates are written. */
  readonly language: string
  readonly values: TemplateValues
  readonly attachments?: readonly TemplateFile[] | undefined
}

/** What a source became, or why it did not. */
export type Filled<T> =
  | { readonly outcome: 'filled'; readonly content: T }
  | { readonly outcome: 'refused'; readonly problems: readonly TemplateProblem[] }

/**
 * The send of a provider template that a source becomes. Refused where a value is missing or of
 * another type, where the header wants a file and there is none or another way round, or where a
 * parameter is one that Meta refuses: paths `variables.<name>`, `attachments`, `content.variables.…`.
 */
export function boundContent(
  source: BoundSource,
  { language, values, attachments = [] }: Filling,
): Filled<TemplateContent> {
  const missing = [...valueProblems(source, values), ...fileProblems(source, attachments.length)]
  if (missing.length > 0) return { outcome: 'refused', problems: missing }
  const fill = (text: string) => fillText(text, values, { language })
  const content = boundCopy(source, {
    ...{ fill, file: attachments[0] },
    bill: (name) => orderIn(valueNamed(values, name)),
  })
  const problems = textProblems(content)
  return problems.length > 0 ? { outcome: 'refused', problems } : { outcome: 'filled', content }
}

/** Values were looked at before. */
function orderIn(value: TemplateValue | undefined): PaymentOrder {
  if (typeof value !== 'object' || value.type !== 'bill') throw new Error('a button has no bill')
  return value.order
}

function fileProblems({ headerMedia }: BoundSource, files: number): readonly TemplateProblem[] {
  const message = fileProblem(headerMedia === undefined ? 0 : 1, files)
  return message === undefined ? [] : [{ path: 'attachments', message }]
}

/** What is wrong with so many files, for a template on WhatsApp that wants one or none. */
export function fileProblem(wanted: number, given: number): string | undefined {
  if (given === wanted) return undefined
  return wanted === 0 ? 'is not taken by the template' : 'must hold the file of the header'
}
