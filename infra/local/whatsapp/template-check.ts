import type { TemplateComponent, TemplateParameter, TemplateSend } from './content-schemas.ts'
import { GraphError } from './graph-error.ts'
import { checkOrder } from './order-check.ts'
import { type Template, type TemplateStore, variablesIn } from './templates.ts'

/**
 * Finds the template of a send and holds its parameters against it.
 * Throws GraphError 132001 (missing or not approved), 132015, 132016, 132000 (count),
 * 132012 (format or name), 131009 (an order), 132018 (line breaks, tabs, runs of spaces), 132005 (too long).
 */
export function checkTemplate(store: TemplateStore, send: TemplateSend): Template {
  const template = store.find(send.name, send.language.code)
  if (template?.status === 'PAUSED') throw new GraphError(132015)
  if (template?.status === 'DISABLED') throw new GraphError(132016)
  if (template?.status !== 'APPROVED') {
    throw new GraphError(
      132001,
      `template name (${send.name}) does not exist in ${send.language.code}`,
    )
  }
  checkHeader(template, send)
  const body = { place: 'body', text: textOf(template, 'BODY'), given: parametersOf(send, 'body') }
  checkTexts(template, body)
  checkButtons(template, send)
  if (hydratedBody(template, send).length > 1024) throw new GraphError(132005)
  return template
}

/** The text a person reads, with the variables filled in. */
export function hydratedBody(template: Template, send: TemplateSend): string {
  return hydrated(textOf(template, 'BODY') ?? '', parametersOf(send, 'body'))
}

/** A text of a template with its variables filled in, by name or else by position. */
export function hydrated(text: string, given: readonly TemplateParameter[]): string {
  return variablesIn(text).reduce((filled, key, position) => {
    const parameter = given.find(({ parameter_name }) => parameter_name === key) ?? given[position]
    return filled.replaceAll(
      new RegExp(`\\{\\{\\s*${key}\\s*\\}\\}`, 'g'),
      () => shownText(parameter) ?? '',
    )
  }, text)
}

function checkHeader(template: Template, send: TemplateSend): void {
  const header = template.components.find(({ type }) => type === 'HEADER')
  const given = parametersOf(send, 'header')
  const format = header?.format ?? 'TEXT'
  if (format === 'TEXT') {
    checkTexts(template, { place: 'header', text: header?.text, given })
    return
  }
  expectCount('header', 1, given.length)
  const kind = format.toLowerCase()
  if (given[0]?.type !== kind || typeof given[0][kind] !== 'object') {
    throw new GraphError(132012, `header: Format mismatch, expected ${format}`)
  }
}

interface TextPlace {
  readonly place: string
  /** The template's text with its variables. */
  readonly text: string | undefined
  readonly given: readonly TemplateParameter[]
}

function checkTexts(template: Template, { place, text, given }: TextPlace): void {
  const keys = variablesIn(text)
  expectCount(place, keys.length, given.length)
  const names = given.map(({ parameter_name }) => parameter_name)
  if (template.parameter_format === 'NAMED' && keys.some((key) => !names.includes(key))) {
    throw new GraphError(132012, `${place}: Parameter name is missing or not the template's`)
  }
  if (template.parameter_format === 'POSITIONAL' && names.some((name) => name !== undefined)) {
    throw new GraphError(132012, `${place}: The template's parameters are positional`)
  }
  given.forEach((parameter, index) => {
    checkText(`${place}.parameters[${index}]`, parameter)
  })
}

function checkText(place: string, parameter: TemplateParameter | undefined): void {
  const text = shownText(parameter)
  if (text === undefined) {
    throw new GraphError(132012, `${place}: expected text, currency or date_time`)
  }
  if (text === '') throw new GraphError(131008, `Parameter '${place}.text' is required`)
  if (/[\n\r\t]| {5}/.test(text)) {
    throw new GraphError(
      132018,
      `${place}: text cannot have new-line or tab characters or more than 4 consecutive spaces`,
    )
  }
}

function checkButtons(template: Template, send: TemplateSend): void {
  const buttons = template.components.find(({ type }) => type === 'BUTTONS')?.buttons ?? []
  const given = send.components.filter(({ type }) => type === 'button')
  for (const [index, button] of buttons.entries()) {
    checkButton(
      index,
      button,
      given.find((component) => component.index === index),
    )
  }
  const unknown = given.find(({ index }) => index === undefined || index >= buttons.length)
  if (unknown) throw new GraphError(132012, `the template has no button at index ${unknown.index}`)
}

type TemplateButton = NonNullable<Template['components'][number]['buttons']>[number]

function checkButton(
  index: number,
  button: TemplateButton,
  sent: TemplateComponent | undefined,
): void {
  const place = `button at index ${index}`
  if (button.type === 'URL') checkUrlButton(index, button.url, sent)
  if (button.type === 'COPY_CODE' || button.type === 'ORDER_DETAILS') {
    expectCount(place, 1, sent?.parameters.length ?? 0)
  }
  if (sent && sent.sub_type !== button.type.toLowerCase()) {
    throw new GraphError(132012, `${place} is of type ${button.type}`)
  }
  if (button.type === 'ORDER_DETAILS') checkOrder(place, sent?.parameters[0])
}

function checkUrlButton(
  index: number,
  url: string | undefined,
  sent: TemplateComponent | undefined,
): void {
  const expected = variablesIn(url).length
  expectCount(`button at index ${index}`, expected, sent?.parameters.length ?? 0)
  if (expected > 0) checkText(`button at index ${index}`, sent?.parameters[0])
}

function expectCount(place: string, expected: number, given: number): void {
  if (expected === given) return
  throw new GraphError(
    132000,
    `${place}: number of localizable_params (${given}) does not match the expected number of params (${expected})`,
  )
}

/** The text of a parameter, or undefined for one of another kind. */
function shownText(parameter: TemplateParameter | undefined): string | undefined {
  if (parameter?.type === 'text') return textValue(parameter.text)
  if (parameter?.type !== 'currency' && parameter?.type !== 'date_time') return undefined
  return textValue((parameter[parameter.type] as { fallback_value?: unknown })?.fallback_value)
}

const textValue = (value: unknown) => (typeof value === 'string' ? value : undefined)

function textOf(template: Template, type: 'BODY'): string | undefined {
  return template.components.find((component) => component.type === type)?.text
}

function parametersOf(send: TemplateSend, type: 'header' | 'body'): readonly TemplateParameter[] {
  return send.components
    .filter((component) => component.type === type)
    .flatMap(({ parameters }) => parameters)
}
