import type {
  ButtonVariable,
  TemplateContent,
  VariableValues,
} from '#shared/domain/template-content.ts'
import type { DeliveryRequest } from '#shared/ports/message-provider.ts'

type Json = Readonly<Record<string, unknown>>

/**
 * The body of Meta's `POST /messages` for one attempt; undefined for content that this channel
 * cannot carry. The attempt id travels as `biz_opaque_callback_data`, which every report echoes.
 */
export function sendPayload(request: DeliveryRequest): Json | undefined {
  const content = contentOf(request.content)
  if (content === undefined) return undefined
  return {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    ...('phone' in request.recipient
      ? { to: request.recipient.phone }
      : { recipient: request.recipient.userId }),
    biz_opaque_callback_data: request.attemptId,
    ...(request.replyTo !== undefined && { context: { message_id: request.replyTo } }),
    ...content,
  }
}

function contentOf(content: DeliveryRequest['content']): Json | undefined {
  switch (content.type) {
    case 'text':
      return {
        type: 'text',
        text: { body: content.text, preview_url: content.previewUrl ?? false },
      }
    case 'template':
      return {
        type: 'template',
        template: templateOf(content),
        ...(content.ttlSeconds !== undefined && { message_send_ttl_seconds: content.ttlSeconds }),
      }
    default:
      return undefined
  }
}

function templateOf({ name, language, variables = {} }: TemplateContent): Json {
  const components = [
    ...textComponent('header', variables.header ?? []),
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

/** Meta documents the index as a string. */
function buttonComponent(button: ButtonVariable): Json {
  return {
    type: 'button',
    sub_type: button.type,
    index: String(button.index),
    parameters: [buttonParameter(button)],
  }
}

function buttonParameter(button: ButtonVariable): Json {
  switch (button.type) {
    case 'url':
      return { type: 'text', text: button.text }
    case 'quick_reply':
      return { type: 'payload', payload: button.payload }
    case 'copy_code':
      return { type: 'coupon_code', coupon_code: button.code }
  }
}

function isPositional(values: VariableValues): values is readonly string[] {
  return Array.isArray(values)
}
