import type { TemplateSend } from './content-schemas.ts'
import { GraphError } from './graph-error.ts'
import { mediaKindOf } from './media.ts'
import type { BusinessNumber } from './numbers.ts'
import { dialledDigits } from './phone-number.ts'
import type { SendContent, SendRequest } from './send-request.ts'
import type { Simulation } from './simulation.ts'
import { checkTemplate } from './template-check.ts'
import type { Template } from './templates.ts'

/** Seconds that a template may ask for, by category. -1 means 30 days. */
const ttlSeconds = {
  AUTHENTICATION: [30, 900],
  UTILITY: [30, 43_200],
  MARKETING: [43_200, 2_592_000],
} as const

/**
 * Checks that need more than the body: the template, media ids, who writes to whom.
 * Throws GraphError. Answers with the template of a template send.
 */
export function checkSend(
  simulation: Simulation,
  number: BusinessNumber,
  request: SendRequest,
): Template | undefined {
  const { displayPhoneNumber } = number
  const own = displayPhoneNumber.replace(/\D/g, '')
  if (request.to !== undefined && dialledDigits(request.to, displayPhoneNumber) === own) {
    throw new GraphError(131021)
  }
  for (const reference of mediaOf(request.message)) checkMedia(simulation, number, reference)
  if (request.message.type === 'template') {
    return checkTemplateSend(simulation, request, request.message.content)
  }
  if (request.message.type === 'reaction' && request.replyTo !== undefined) {
    throw new GraphError(100, "Parameter 'context' cannot be used with a reaction")
  }
  if (request.ttlSeconds !== undefined) {
    throw new GraphError(100, "Parameter 'message_send_ttl_seconds' is for templates only")
  }
  return undefined
}

/** Whether Meta could fetch what the content links to: hosts under `.invalid` cannot be. */
export function isFetchable(content: SendContent['content']): boolean {
  const { link } = content as { link?: string }
  return link === undefined || !new URL(link).hostname.endsWith('.invalid')
}

function checkTemplateSend(
  simulation: Simulation,
  request: SendRequest,
  send: TemplateSend,
): Template {
  const template = checkTemplate(simulation.templates, send)
  const [least, most] = ttlSeconds[template.category]
  const { ttlSeconds: ttl = -1 } = request
  if (ttl !== -1 && (ttl < least || ttl > most)) {
    throw new GraphError(100, `message_send_ttl_seconds must be from ${least} to ${most}`)
  }
  if (request.userId !== undefined && template.category === 'AUTHENTICATION') {
    throw new GraphError(131062)
  }
  return template
}

interface MediaReference {
  readonly id: string
  readonly kind: string
}

function mediaOf({ type, content }: SendContent): MediaReference[] {
  const holders: [string, unknown][] = [[type, content]]
  if (type === 'template') {
    for (const parameter of content.components.flatMap(({ parameters }) => parameters)) {
      holders.push([parameter.type, parameter[parameter.type]])
    }
  }
  if (type === 'interactive' && 'header' in content) {
    const header = content.header as Record<string, unknown> & { type: string }
    holders.push([header.type, header[header.type]])
  }
  return holders.flatMap(([kind, media]) => {
    const id = (media as { id?: unknown } | undefined)?.id
    return typeof id === 'string' && mediaKinds.has(kind) ? [{ id, kind }] : []
  })
}

const mediaKinds: ReadonlySet<string> = new Set(['audio', 'document', 'image', 'sticker', 'video'])

function checkMedia(
  { media }: Simulation,
  { phoneNumberId }: BusinessNumber,
  { id, kind }: MediaReference,
): void {
  const found = media.find(id)
  if (!found || found.phoneNumberId !== phoneNumberId) {
    throw new GraphError(131009, `Media id '${id}' does not exist or belongs to another number`)
  }
  if (mediaKindOf(found.mimeType) !== kind) {
    throw new GraphError(131053, `Media id '${id}' is not of kind ${kind}`)
  }
}
