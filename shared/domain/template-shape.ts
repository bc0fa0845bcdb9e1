import type { TemplateContent, VariableValues } from './template-content.ts'

/** What a text place demands: a count where the template is positional, sorted names where named. */
export type ShapeParameters = number | readonly string[]

type MediaFormat = 'IMAGE' | 'VIDEO' | 'DOCUMENT' | 'LOCATION'

type ShapeHeader =
  | { readonly format: 'TEXT'; readonly params: ShapeParameters }
  | { readonly format: MediaFormat }

interface ShapeButton {
  readonly index: number
  readonly type: 'url' | 'copy_code' | 'order_details'
}

/**
 * What a send must bring for a template, or what a content brings. Two shapes are equal as JSON,
 * whatever the order of their keys, exactly when Meta takes the send. What is not demanded has no
 * key, so that a template without variables is `{}`. Payloads of quick replies are optional and not
 * part of it. `unsupported` names what no content can fill: such a shape equals none of a content.
 */
export interface TemplateShape {
  readonly header?: ShapeHeader
  readonly body?: ShapeParameters
  /** By index. */
  readonly buttons?: readonly ShapeButton[]
  readonly unsupported?: readonly string[]
}

/** Meta's definition of a template, as its list has it. */
export interface TemplateDefinition {
  readonly components: readonly unknown[]
  readonly parameterFormat: 'POSITIONAL' | 'NAMED'
}

/** A field of a request and what is wrong with it, in English, for programmers. */
export interface TemplateProblem {
  /** Dotted, e.g. `content.variables.body.nome`. */
  readonly path: string
  readonly message: string
}

type Json = Readonly<Record<string, unknown>>

const variablesPath = 'content.variables'
const mediaFormats: readonly string[] = ['IMAGE', 'VIDEO', 'DOCUMENT', 'LOCATION']
/** Buttons that take no parameter, or an optional one. */
const plainButtons: readonly string[] = ['QUICK_REPLY', 'PHONE_NUMBER']

/** The shape that a template demands. Never throws: what is unknown is `unsupported`. */
export function shapeOfTemplate(definition: TemplateDefinition): TemplateShape {
  return joined(
    definition.components.map((component) =>
      partOf(recordOf(component), definition.parameterFormat),
    ),
  )
}

/** The shape that a content brings. */
export function shapeOfContent({ variables = {} }: TemplateContent): TemplateShape {
  const { header, headerMedia, body, buttons = [] } = variables
  const texts = parametersIn(header)
  return joined([
    texts === undefined ? {} : { header: { format: 'TEXT', params: texts } },
    headerMedia === undefined
      ? {}
      : { header: { format: headerMedia.type.toUpperCase() as MediaFormat } },
    // A header is one or the other; together they fit no template.
    texts === undefined || headerMedia === undefined ? {} : { unsupported: ['two headers'] },
    definedBody(parametersIn(body)),
    {
      buttons: buttons.flatMap(({ index, type }) =>
        type === 'quick_reply' ? [] : [{ index, type }],
      ),
    },
  ])
}

function partOf(component: Json, format: TemplateDefinition['parameterFormat']): TemplateShape {
  const type = wordIn(component.type)
  switch (type) {
    case 'HEADER':
      return headerOf(component, format)
    case 'BODY':
      return typeof component.text === 'string'
        ? definedBody(demandOf(component.text, format))
        : { unsupported: ['BODY'] }
    case 'FOOTER':
      return {}
    case 'BUTTONS':
      return joined(listOf(component.buttons).map((button, index) => buttonOf(button, index)))
    default:
      return { unsupported: [type] }
  }
}

function headerOf(component: Json, format: TemplateDefinition['parameterFormat']): TemplateShape {
  const shown = wordIn(component.format ?? 'TEXT')
  if (mediaFormats.includes(shown)) return { header: { format: shown as MediaFormat } }
  if (shown !== 'TEXT') return { unsupported: [`HEADER ${shown}`] }
  const params = demandOf(component.text, format)
  return params === undefined ? {} : { header: { format: 'TEXT', params } }
}

function buttonOf(given: unknown, index: number): TemplateShape {
  const button = recordOf(given)
  const type = wordIn(button.type)
  if (plainButtons.includes(type)) return {}
  if (type === 'COPY_CODE') return { buttons: [{ index, type: 'copy_code' }] }
  if (type === 'ORDER_DETAILS') return { buttons: [{ index, type: 'order_details' }] }
  const variables = variablesIn(button.url).length
  if (type !== 'URL' || variables > 1) return { unsupported: [`${type} button`] }
  return variables === 1 ? { buttons: [{ index, type: 'url' }] } : {}
}

function definedBody(body: ShapeParameters | undefined): TemplateShape {
  return body === undefined ? {} : { body }
}

function joined(parts: readonly TemplateShape[]): TemplateShape {
  const whole: TemplateShape = Object.assign({}, ...parts)
  const buttons = parts.flatMap((part) => part.buttons ?? []).toSorted(byPlace)
  const unsupported = [...new Set(parts.flatMap((part) => part.unsupported ?? []))].toSorted()
  return {
    ...(whole.header !== undefined && { header: whole.header }),
    ...(whole.body !== undefined && { body: whole.body }),
    ...(buttons.length > 0 && { buttons }),
    ...(unsupported.length > 0 && { unsupported }),
  }
}

function byPlace(one: ShapeButton, other: ShapeButton): number {
  return one.index - other.index || one.type.localeCompare(other.type)
}

function demandOf(
  text: unknown,
  format: TemplateDefinition['parameterFormat'],
): ShapeParameters | undefined {
  const keys = variablesIn(text)
  if (keys.length === 0) return undefined
  return format === 'NAMED' ? keys.toSorted() : keys.length
}

/** Each variable once, however often the text shows it. */
function variablesIn(text: unknown): readonly string[] {
  if (typeof text !== 'string') return []
  return [...new Set([...text.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, key = '']) => key))]
}

function parametersIn(values: VariableValues | undefined): ShapeParameters | undefined {
  const params = isList(values) ? values.length : Object.keys(values ?? {}).toSorted()
  return params === 0 || (typeof params !== 'number' && params.length === 0) ? undefined : params
}

function isList(values: VariableValues | undefined): values is readonly string[] {
  return Array.isArray(values)
}

function wordIn(value: unknown): string {
  return typeof value === 'string' ? value.toUpperCase().slice(0, 60) : 'UNKNOWN'
}

function recordOf(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {}
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Why a content of this shape cannot be sent with a template that expects that one; empty: it can. */
export function explainMismatch(
  expected: TemplateShape,
  given: TemplateShape,
): readonly TemplateProblem[] {
  const { unsupported = [] } = expected
  if (unsupported.length > 0) {
    const parts = unsupported.join(', ')
    const message = `names a template with parts that cannot be sent: ${parts}`
    return [{ path: 'content.name', message }]
  }
  return [
    ...headerProblems(expected, given),
    ...parameterProblems(`${variablesPath}.body`, expected.body, given.body),
    ...buttonProblems(expected, given),
  ]
}

function headerProblems(expected: TemplateShape, given: TemplateShape): readonly TemplateProblem[] {
  const wanted = expected.header
  const brought = given.header
  const file = `${variablesPath}.headerMedia`
  const texts = `${variablesPath}.header`
  if (given.unsupported !== undefined) {
    return [{ path: file, message: 'must not come together with texts of a header' }]
  }
  if (wanted !== undefined && wanted.format !== 'TEXT') {
    const article = wanted.format === 'IMAGE' ? 'an' : 'a'
    return wanted.format === brought?.format
      ? []
      : [{ path: file, message: `must be ${article} ${wanted.format.toLowerCase()}` }]
  }
  const surplus =
    brought !== undefined && brought.format !== 'TEXT'
      ? [{ path: file, message: 'is not taken by the template' }]
      : []
  return [...surplus, ...parameterProblems(texts, wanted?.params, textsOf(brought))]
}

function textsOf(header: TemplateShape['header']): ShapeParameters | undefined {
  return header?.format === 'TEXT' ? header.params : undefined
}

function parameterProblems(
  path: string,
  expected: ShapeParameters | undefined,
  given: ShapeParameters | undefined,
): readonly TemplateProblem[] {
  if (expected === undefined) {
    return given === undefined ? [] : [{ path, message: 'is not taken by the template' }]
  }
  if (typeof expected === 'number') {
    const message = `must be a list of ${expected} texts: the template is positional`
    return given === expected ? [] : [{ path, message }]
  }
  if (given === undefined || typeof given === 'number') {
    const names = expected.join(', ')
    return [
      { path, message: `must be an object with ${names}: the template's parameters are named` },
    ]
  }
  const missing = expected.filter((name) => !given.includes(name))
  const surplus = given.filter((name) => !expected.includes(name))
  return [
    ...missing.map((name) => ({ path: `${path}.${name}`, message: 'is missing' })),
    ...surplus.map((name) => ({
      path: `${path}.${name}`,
      message: 'is not taken by the template',
    })),
  ]
}

function buttonProblems(expected: TemplateShape, given: TemplateShape): readonly TemplateProblem[] {
  const wanted = buttonWords(expected)
  const brought = buttonWords(given)
  const path = `${variablesPath}.buttons`
  const twice = brought.filter((button, place) => brought.indexOf(button) !== place)
  return [
    ...wanted
      .filter((button) => !brought.includes(button))
      .map((button) => ({ path, message: `must hold a value for ${button}` })),
    ...brought
      .filter((button) => !wanted.includes(button))
      .map((button) => ({ path, message: `must hold no value for ${button}` })),
    ...twice.map((button) => ({ path, message: `holds more than one value for ${button}` })),
  ]
}

function buttonWords({ buttons = [] }: TemplateShape): readonly string[] {
  return buttons.map(({ index, type }) => `the ${type} button at index ${index}`)
}
