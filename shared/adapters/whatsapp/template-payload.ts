import type {
  ButtonVariable,
  OrderButton,
  TemplateContent,
  TemplateVariables,
  VariableValues,
} from '#shared/domain/template-content.ts'
import { fileReference, type MediaIds } from './file-reference.ts'
import type { Json } from './json.ts'
import { orderPayload } from './order-payload.ts'

/** Meta's `template` object; without variables it has no components. */
export function templatePayload(content: TemplateContent, media: MediaIds): Json {
  const { name, language, variables = {} } = content
  const components = [
    ...textComponent('header', variables.header ?? []),
    ...fileHeader(variables.headerMedia, media),
    ...textComponent('body', variables.body ?? []),
    ...(variables.buttons ?? []).map(buttonComponent),
  ]
  return { name, language: { code: language }, ...(components.length > 0 && { components }) }
}

/** Meta refuses a component without parameters, so an empty one is left out. */
function textComponent(type: 'header' | 'body', values: VariableValues): Json[] {
  const parameters = isPositional(values)
    ? values.map((text) => ({ type: 'text', text }))
    : Object.entries(values).map(([name, text]) => ({ type: 'text', parameter_name: name, text }))
  return parameters.length > 0 ? [{ type, parameters }] : []
}

function fileHeader(file: TemplateVariables['headerMedia'], media: MediaIds): Json[] {
  if (file === undefined) return []
  const parameter = { type: file.type, [file.type]: fileReference(file, media) }
  return [{ type: 'header', parameters: [parameter] }]
}

/** Meta documents the index as a string. */
function buttonComponent(button: ButtonVariable | OrderButton): Json {
  return {
    type: 'button',
    sub_type: button.type,
    index: String(button.index),
    parameters: [buttonParameter(button)],
  }
}

function buttonParameter(button: ButtonVariable | OrderButton): Json {
  switch (button.type) {
    case 'url':
      return { type: 'text', text: button.text }
    case 'quick_reply':
      return { type: 'payload', payload: button.payload }
    case 'copy_code':
      return { type: 'coupon_code', coupon_code: button.code }
    case 'order_details':
      return { type: 'action', action: { order_details: orderPayload(button.order) } }
  }
}

function isPositional(values: VariableValues): values is readonly string[] {
  return Array.isArray(values)
}
