import type { LocationContent, MessageContent } from '#shared/domain/content.ts'
import { mediaIdsOf } from '#shared/domain/content-media.ts'
import type { DeliveryRequest } from '#shared/ports/message-provider.ts'
import { contactPayload } from './contacts-payload.ts'
import { fileReference, type MediaIds } from './file-reference.ts'
import { interactivePayload } from './interactive-payload.ts'
import type { Json } from './json.ts'
import { templatePayload } from './template-payload.ts'

const noMedia: MediaIds = new Map()

/**
 * The body of Meta's `POST /messages` for one attempt. Undefined for content that this channel
 * cannot carry: one that only people send, a file without an id at Meta, a reaction to nothing.
 * The attempt id travels as `biz_opaque_callback_data`, which every report echoes.
 */
export function sendPayload(request: DeliveryRequest): Json | undefined {
  const content = contentPayload(request)
  if (content === undefined) return undefined
  return {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    ...('phone' in request.recipient
      ? { to: request.recipient.phone }
      : { recipient: request.recipient.userId }),
    biz_opaque_callback_data: request.attemptId,
    ...contextOf(request),
    ...content,
  }
}

/** A reaction names its target itself; Meta refuses a context beside it. */
function contextOf({ content, replyTo }: DeliveryRequest): Json {
  if (replyTo === undefined || content.type === 'reaction') return {}
  return { context: { message_id: replyTo } }
}

function contentPayload({ content, replyTo, media = noMedia }: DeliveryRequest): Json | undefined {
  if (mediaIdsOf(content).some((mediaId) => !media.has(mediaId))) return undefined
  if (content.type !== 'reaction') return plainPayload(content, media)
  if (replyTo === undefined) return undefined
  return { type: 'reaction', reaction: { message_id: replyTo, emoji: content.emoji } }
}

function plainPayload(content: MessageContent, media: MediaIds): Json | undefined {
  const { type } = content
  switch (type) {
    case 'text':
      return { type, text: { body: content.text, preview_url: content.previewUrl ?? false } }
    case 'template': {
      const { ttlSeconds } = content
      return {
        type,
        template: templatePayload(content, media),
        ...(ttlSeconds !== undefined && { message_send_ttl_seconds: ttlSeconds }),
      }
    }
    case 'image':
    case 'video':
    case 'audio':
    case 'document':
    case 'sticker':
      return { type, [type]: fileReference(content, media) }
    case 'location':
      return { type, location: locationPayload(content) }
    case 'contacts':
      return { type, contacts: content.contacts.map(contactPayload) }
    case 'interactive':
      return { type, interactive: interactivePayload(content, media) }
    default:
      return undefined
  }
}

/** Meta's sample writes the numbers as text; 7 decimals are a centimetre. */
function locationPayload({ latitude, longitude, name, address }: LocationContent): Json {
  return {
    latitude: decimal(latitude),
    longitude: decimal(longitude),
    ...(name !== undefined && { name }),
    ...(address !== undefined && { address }),
  }
}

/** Never in the exponential form that `String` gives small numbers. */
function decimal(degrees: number): string {
  const text = degrees.toFixed(7).replace(/\.?0+$/, '')
  return text === '-0' ? '0' : text
}
