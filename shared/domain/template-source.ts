import type {
  BillButton,
  BoundSource,
  MailBlock,
  TemplateFile,
  TemplateSource,
  TemplateValues,
} from './message-template.ts'
import type {
  ButtonVariable,
  OrderButton,
  PaymentOrder,
  TemplateContent,
  VariableValues,
} from './template-content.ts'
import { valueNamed } from './template-fill.ts'
import { partsOf } from './template-placeholders.ts'
import { shapeOfContent, type TemplateProblem, type TemplateShape } from './template-shape.ts'

/** What more than a text may be asked for. */
export type ValueType = 'count' | 'installments' | 'bill'

/** What a place of a source makes of a variable. */
interface Use {
  readonly name: string
  readonly as: 'text' | ValueType
}

/** The names that a source uses, each once, sorted. */
export function variablesOf(source: TemplateSource): readonly string[] {
  return [...new Set(usesOf(source).map(({ name }) => name))].toSorted()
}

/** What a source makes of its variables where that is more than a text, by name. */
export function valueTypesOf(source: TemplateSource): Readonly<Record<string, ValueType>> {
  const typed = usesOf(source).flatMap(({ name, as }) => (as === 'text' ? [] : [[name, as]]))
  return Object.fromEntries(typed)
}

/** The types of values that are no plain texts, by name. */
export function givenTypesOf(values: TemplateValues): Readonly<Record<string, string>> {
  const typed = Object.entries(values).flatMap(([name, value]) =>
    typeof value === 'string' ? [] : [[name, value.type]],
  )
  return Object.fromEntries(typed)
}

/** Why a source cannot be filled with these values; empty: it can. Paths: `variables.<name>`. */
export function valueProblems(
  source: TemplateSource,
  values: TemplateValues,
): readonly TemplateProblem[] {
  const problems = usesOf(source).flatMap(({ name, as }) => {
    const message = useProblem(valueNamed(values, name), as)
    return message === undefined ? [] : [{ path: `variables.${name}`, message }]
  })
  return problems.filter(
    ({ path, message }, place) =>
      place === problems.findIndex((one) => one.path === path && one.message === message),
  )
}

/** What a send of a bound template brings, whatever its values. */
export function boundShape(source: BoundSource): TemplateShape {
  const fill = (text: string) => text
  return shapeOfContent(boundCopy(source, { fill, bill: () => noOrder, file: { mediaId: '' } }))
}

const noOrder: PaymentOrder = { referenceId: '', totalCents: 0, description: '', payments: [] }

interface BoundParts {
  readonly fill: (text: string) => string
  readonly bill: (variable: string) => PaymentOrder
  /** What the header shows, where it shows a file. */
  readonly file: TemplateFile | undefined
}

/** The provider's template that a source is bound to, its texts passed through `fill`. */
export function boundCopy(source: BoundSource, { fill, bill, file }: BoundParts): TemplateContent {
  const { providerTemplate, header, headerMedia, body, buttons, ttlSeconds } = source
  const variables = {
    ...(header !== undefined && { header: filledValues(header, fill) }),
    ...(headerMedia && file && { headerMedia: shownFile(headerMedia, file) }),
    ...(body !== undefined && { body: filledValues(body, fill) }),
    ...(buttons !== undefined && {
      buttons: buttons.map((button) => filledButton(button, { fill, bill })),
    }),
  }
  return {
    type: 'template',
    ...providerTemplate,
    ...(Object.keys(variables).length > 0 && { variables }),
    ...(ttlSeconds !== undefined && { ttlSeconds }),
  }
}

/** Only documents have a name. */
function shownFile(type: NonNullable<BoundSource['headerMedia']>, file: TemplateFile) {
  return type === 'document' ? { type, ...file } : { type, mediaId: file.mediaId }
}

function filledValues(values: VariableValues, fill: (text: string) => string): VariableValues {
  return isList(values)
    ? values.map(fill)
    : Object.fromEntries(Object.entries(values).map(([name, text]) => [name, fill(text)]))
}

function filledButton(
  button: ButtonVariable | BillButton,
  { fill, bill }: Pick<BoundParts, 'fill' | 'bill'>,
): ButtonVariable | OrderButton {
  switch (button.type) {
    case 'url':
      return { ...button, text: fill(button.text) }
    case 'quick_reply':
      return { ...button, payload: fill(button.payload) }
    case 'copy_code':
      return { ...button, code: fill(button.code) }
    case 'order_details':
      return { index: button.index, type: button.type, order: bill(button.variable) }
  }
}

function isList(values: VariableValues): values is readonly string[] {
  return Array.isArray(values)
}

/** Why a value does not do where something of this type is shown. */
export function useProblem(
  value: TemplateValues[string] | undefined,
  as: Use['as'],
): string | undefined {
  if (value === undefined) return 'is missing'
  if (as === 'text') return undefined
  const type = typeof value === 'string' ? 'text' : value.type
  if (as === 'count') return type === 'count' ? undefined : 'must be a count'
  if (as === 'bill') return type === 'bill' ? undefined : 'must be a bill'
  return type === 'installments' ? undefined : 'must be a list of installments'
}

function usesOf(source: TemplateSource): readonly Use[] {
  if (source.channel === 'WHATSAPP') {
    const uses: Use[] = []
    const fill = (text: string) => {
      uses.push(...usesIn(text))
      return text
    }
    const bill = (name: string) => {
      uses.push({ name, as: 'bill' })
      return noOrder
    }
    boundCopy(source, { fill, bill, file: undefined })
    return uses
  }
  const { subject, preheader = '', blocks } = source
  return [...usesIn(subject), ...usesIn(preheader), ...blocks.flatMap(usesOfBlock)]
}

function usesOfBlock(block: MailBlock): readonly Use[] {
  switch (block.type) {
    case 'heading':
    case 'paragraph':
      return usesIn(block.text)
    case 'button':
      return [block.label, block.url].flatMap(usesIn)
    case 'facts':
      return block.rows.flatMap(({ label, value }) => [label, value]).flatMap(usesIn)
    case 'code':
      return [block.label, block.value].flatMap(usesIn)
    case 'installments':
      return [{ name: block.variable, as: 'installments' }]
    case 'divider':
      return []
  }
}

function usesIn(text: string): readonly Use[] {
  return partsOf(text).flatMap((part) =>
    typeof part === 'string'
      ? []
      : [{ name: part.name, as: part.plural === undefined ? ('text' as const) : 'count' }],
  )
}
