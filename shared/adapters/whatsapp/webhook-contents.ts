import {
  buttonBody,
  contactsBody,
  interactiveBody,
  locationBody,
  mediaBody,
  orderBody,
  reactionBody,
  textBody,
  unsupportedBody,
} from '#shared/contracts/whatsapp-contents.ts'
import { systemNews } from '#shared/contracts/whatsapp-webhook.ts'
import type { InboundFile } from '#shared/domain/channel-event.ts'
import { safeName, safeText } from '#shared/domain/clean-text.ts'
import type { MediaKind, MessageContent } from '#shared/domain/content.ts'
import { readCards } from './webhook-cards.ts'
import { firstError } from './webhook-failures.ts'
import { defined, record, safeJson } from './well-formed.ts'

/** What a message says. */
export interface ReadContent {
  readonly content: MessageContent
  readonly file?: InboundFile
  /** The message that a reaction is on. */
  readonly reactsTo?: string
}

type Reader = (body: unknown, message: Message, uuid: () => string) => ReadContent | undefined
type Message = Readonly<Record<string, unknown>>

const readers: Readonly<Record<string, Reader>> = {
  text: (body) => {
    const read = textBody.safeParse(body).data
    return read && { content: { type: 'text', text: read.body } }
  },
  image: readFile('image'),
  video: readFile('video'),
  audio: readFile('audio'),
  document: readFile('document'),
  sticker: readFile('sticker'),
  location: (body) => {
    const read = locationBody.safeParse(body).data
    if (read === undefined) return undefined
    const { latitude, longitude, name, address } = read
    return { content: defined({ type: 'location', latitude, longitude, name, address }) }
  },
  contacts: (body) => {
    const read = contactsBody.safeParse(body).data
    return read && { content: { type: 'contacts', contacts: readCards(read) } }
  },
  reaction: (body) => {
    const read = reactionBody.safeParse(body).data
    if (read === undefined) return undefined
    // No emoji: the reaction was taken back.
    return { content: { type: 'reaction', emoji: read.emoji ?? '' }, reactsTo: read.message_id }
  },
  button: (body) => {
    const read = buttonBody.safeParse(body).data
    if (read === undefined) return undefined
    const { payload: id, text: title } = read
    return { content: defined({ type: 'reply', kind: 'template-button', id, title }) }
  },
  interactive: readInteractive,
  order: readOrder,
  system: (body) => {
    const read = systemNews.safeParse(body).data
    if (read === undefined) return undefined
    return { content: defined({ type: 'system', event: systemEvent(read.type), text: read.body }) }
  },
  unsupported: readUnsupported,
  unknown: readUnsupported,
}

/**
 * What a message says, in our words, every string fit for storage. A type that we do not read, or
 * one that has another form than we know, is kept whole as `other`.
 */
export function readContent(payload: unknown, uuid: () => string): ReadContent {
  const message = record(payload) ?? {}
  const { type } = message
  if (typeof type !== 'string') return rawContent(payload, 'unknown')
  const reader = Object.hasOwn(readers, type) ? readers[type] : undefined
  const read = reader?.(message[type], message, uuid)
  return read === undefined ? rawContent(payload, type) : (safeJson(read) as ReadContent)
}

export function rawContent(payload: unknown, type: string): ReadContent {
  const providerType = safeText(type)
  return { content: { type: 'other', providerType, raw: safeJson(payload) } }
}

const captioned: readonly MediaKind[] = ['image', 'video', 'document']
const mostMimeType = 127
const anyBytes = 'application/octet-stream'

function readFile(kind: MediaKind): Reader {
  return (body, message, uuid) => {
    const read = mediaBody.safeParse(body).data
    if (read === undefined) return readUndelivered(kind, message)
    const mediaId = uuid()
    const filename = kind === 'document' ? safeName(read.filename ?? '') || undefined : undefined
    const caption = captioned.includes(kind) ? read.caption : undefined
    const voice = kind === 'audio' ? read.voice : undefined
    return {
      content: defined({ type: kind, mediaId, caption, filename, voice }),
      file: defined({
        mediaId,
        kind,
        mimeType: mimeTypeOf(read.mime_type ?? ''),
        sha256: digestOf(read.sha256),
        filename,
        providerMediaId: read.id,
      }),
    }
  }
}

function mimeTypeOf(given: string): string {
  return /^[\x20-\x7e]+$/.test(given) && given.length <= mostMimeType ? given : anyBytes
}

/** Meta writes base64 in webhooks, hexadecimal elsewhere; 32 bytes either way, or nothing. */
function digestOf(given: string | undefined): string | undefined {
  if (given === undefined) return undefined
  const isHex = /^[0-9a-f]{64}$/i.test(given)
  const digest = Buffer.from(given, isHex ? 'hex' : 'base64')
  return digest.length === 32 ? digest.toString('base64') : undefined
}

/** A file that Meta could not take from the person (131052) comes with an error and no id. */
function readUndelivered(providerType: string, message: Message): ReadContent | undefined {
  const code = firstError(message.errors)?.code
  return code === undefined ? undefined : { content: { type: 'unsupported', providerType, code } }
}

function readInteractive(body: unknown): ReadContent | undefined {
  const read = interactiveBody.safeParse(body).data
  switch (read?.type) {
    case undefined:
      return undefined
    case 'button_reply': {
      const { id, title } = read.button_reply
      return { content: defined({ type: 'reply', kind: 'button', id, title }) }
    }
    case 'list_reply': {
      const { id, title, description } = read.list_reply
      return { content: defined({ type: 'reply', kind: 'list', id, title, description }) }
    }
    case 'nfm_reply': {
      const { name: title, body: description, response_json: json } = read.nfm_reply
      const response = parsed(json)
      return { content: defined({ type: 'reply', kind: 'flow', title, description, response }) }
    }
  }
}

/** The answers of a flow are JSON in a string; as they came when they are not. */
function parsed(json: unknown): unknown {
  try {
    return typeof json === 'string' ? JSON.parse(json) : json
  } catch {
    return json
  }
}

function readOrder(body: unknown): ReadContent | undefined {
  const read = orderBody.safeParse(body).data
  if (read === undefined) return undefined
  const items = read.product_items.map((item) =>
    defined({
      productRetailerId: item.product_retailer_id,
      quantity: item.quantity,
      itemPrice: item.item_price,
      currency: item.currency,
    }),
  )
  const { catalog_id: catalogId, text } = read
  return { content: defined({ type: 'order', catalogId, text, items }) }
}

const systemEvents = {
  user_changed_number: 'number-changed',
  customer_changed_number: 'number-changed',
  user_changed_user_id: 'user-id-changed',
  user_identity_changed: 'identity-changed',
  customer_identity_changed: 'identity-changed',
} as const

function systemEvent(type: string | undefined) {
  const known = new Map<string | undefined, (typeof systemEvents)[keyof typeof systemEvents]>(
    Object.entries(systemEvents),
  )
  return known.get(type) ?? 'other'
}

function readUnsupported(body: unknown, message: Message): ReadContent | undefined {
  const providerType = unsupportedBody.safeParse(body).data?.type
  const code = firstError(message.errors)?.code
  return { content: defined({ type: 'unsupported', providerType, code }) }
}
