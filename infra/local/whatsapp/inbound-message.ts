import type { InboundContent, InboundMedia } from './inbound-contents.ts'
import { mediaKindOf } from './media.ts'
import type { BusinessNumber } from './numbers.ts'
import type { Person } from './people.ts'
import { dialledDigits, userIdPattern } from './phone-number.ts'
import type { Simulation } from './simulation.ts'

/** Type and content of a message object as Meta writes it. */
export type MessagePart = { readonly type: string; readonly [key: string]: unknown }

export interface Writing {
  readonly simulation: Simulation
  readonly number: BusinessNumber
  readonly person: Person
}

/** What is a message of a person; echoes and preferences are news of other fields. */
export type MessageContent = Exclude<InboundContent, { type: 'echo' | 'preference' }>

/** The message object of a content. Throws a RangeError for an address that is none. */
export function messagePart(writing: Writing, content: MessageContent): MessagePart {
  const { type, ...fields } = content
  switch (content.type) {
    case 'text':
      return { type, text: { body: content.text } }
    case 'media':
      return mediaPart(writing, content)
    case 'button':
    case 'location':
      return { type, [type]: fields }
    case 'reaction':
      return { type, reaction: { message_id: content.messageId, emoji: content.emoji } }
    case 'button_reply':
    case 'list_reply':
      return { type: 'interactive', interactive: { type, [type]: fields } }
    case 'flow_reply': {
      const json = JSON.stringify(content.response)
      const nfm_reply = { name: 'flow', body: 'Sent', response_json: json }
      return { type: 'interactive', interactive: { type: 'nfm_reply', nfm_reply } }
    }
    case 'contacts':
      return { type, contacts: content.contacts.map(cardOf) }
    case 'order':
      return orderPart(content)
    case 'edit': {
      const message = messagePart(writing, content.content)
      return { type, edit: { original_message_id: content.messageId, message } }
    }
    case 'revoke':
      return { type, revoke: { original_message_id: content.messageId } }
    case 'number_changed':
    case 'user_id_changed':
      return systemPart(writing, content)
    case 'unsupported':
      return unsupportedPart(content)
    case 'welcome':
      return { type: 'request_welcome' }
  }
}

/** The message that this content quotes, reacts to, edits or takes back. */
export function targetOf(content: InboundContent | undefined): string | undefined {
  return content && 'messageId' in content ? content.messageId : undefined
}

function mediaPart(
  { simulation, number: { phoneNumberId } }: Writing,
  { mimeType, base64, caption, filename, voice = false }: InboundMedia,
): MessagePart {
  const bytes = Buffer.from(base64, 'base64')
  const media = simulation.media.add({ phoneNumberId, bytes, mimeType, origin: 'inbound' })
  const type = mediaKindOf(mimeType) ?? 'document'
  const path = simulation.media.addressOf(media, simulation.settings.mediaUrlSeconds)
  const file = {
    ...(caption === undefined ? {} : { caption }),
    ...(filename === undefined ? {} : { filename }),
    mime_type: mimeType,
    sha256: media.sha256.toString('base64'),
    id: media.mediaId,
    url: `${simulation.baseUrl}${path}`,
  }
  if (type === 'audio') return { type, audio: { ...file, voice } }
  return { type, [type]: type === 'sticker' ? { ...file, animated: false } : file }
}

function cardOf({ name, phone }: { name: string; phone: string }) {
  const [first_name = name] = name.split(' ')
  const wa_id = phone.replace(/\D/g, '')
  return { name: { formatted_name: name, first_name }, phones: [{ phone, wa_id, type: 'CELL' }] }
}

function orderPart({ catalogId, text, items }: Extract<MessageContent, { type: 'order' }>) {
  const product_items = items.map(({ productRetailerId, quantity, itemPrice, currency }) => ({
    product_retailer_id: productRetailerId,
    quantity,
    item_price: itemPrice,
    currency,
  }))
  return { type: 'order', order: { catalog_id: catalogId, text, product_items } }
}

type Moved = Extract<MessageContent, { type: 'number_changed' | 'user_id_changed' }>

/** Both news name the new user id, which Meta makes anew with a number, and the one before. */
function systemPart({ simulation, number, person }: Writing, content: Moved): MessagePart {
  const previous_user_id = person.userId
  if (content.type === 'user_id_changed') {
    const { userId: user_id } = content
    if (!userIdPattern.test(user_id)) throw new RangeError(`not a user id: ${user_id}`)
    const body = `User ${person.name} changed their user id`
    const type = 'user_changed_user_id'
    return { type: 'system', system: { body, type, wa_id: person.waId, user_id, previous_user_id } }
  }
  const digits = dialledDigits(content.phone, number.displayPhoneNumber)
  if (digits === undefined) throw new RangeError(`phone is not a phone number: ${content.phone}`)
  const { shortAreaCodes } = simulation.settings
  const moved = simulation.people.byPhone(digits, number.wabaId, shortAreaCodes)
  moved.name = person.name
  const { waId: wa_id, userId: user_id } = moved
  const body = `User ${person.name} changed from ${person.waId ?? person.userId} to ${wa_id}`
  const type = 'user_changed_number'
  return { type: 'system', system: { body, type, wa_id, user_id, previous_user_id } }
}

function unsupportedPart({ kind = 'unknown' }: Extract<MessageContent, { type: 'unsupported' }>) {
  const title = 'Message type is not supported'
  const error_data = { details: 'Message type is currently not supported.' }
  return {
    type: 'unsupported',
    errors: [{ code: 131051, title, message: title, error_data }],
    unsupported: { type: kind },
  }
}
