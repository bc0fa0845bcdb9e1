import * as z from 'zod'
import { mediaKindOf } from './media.ts'
import type { BusinessNumber } from './numbers.ts'
import type { Person } from './people.ts'
import { dialledDigits, userIdPattern } from './phone-number.ts'
import { metadataOf } from './reports.ts'
import type { Simulation } from './simulation.ts'

const reply = z.strictObject({ id: z.string(), title: z.string() })

const contentSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: z.string() }),
  z.strictObject({ type: z.literal('button'), text: z.string(), payload: z.string() }),
  z.strictObject({ type: z.literal('button_reply'), ...reply.shape }),
  z.strictObject({
    type: z.literal('list_reply'),
    ...reply.shape,
    description: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal('reaction'),
    messageId: z.string(),
    emoji: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal('location'),
    latitude: z.number(),
    longitude: z.number(),
    name: z.string().optional(),
    address: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal('media'),
    mimeType: z.string(),
    base64: z.base64(),
    caption: z.string().optional(),
    filename: z.string().optional(),
  }),
])

export const inboundSchema = z
  .strictObject({
    /** A phone, or the business-scoped user id of somebody without a visible phone. */
    from: z.string().min(1),
    name: z.string().optional(),
    content: contentSchema.optional(),
    /** A message object as Meta writes it; what it lacks of from, id, timestamp is added. */
    raw: z.record(z.string(), z.unknown()).optional(),
    /** Which of our numbers is written to; the first one without it. */
    phoneNumberId: z.string().optional(),
    /** Wamid of the message that is quoted. */
    replyTo: z.string().optional(),
    /** For a second copy of an earlier message. */
    messageId: z.string().min(1).optional(),
    /** Unix seconds. */
    timestamp: z.number().int().optional(),
    /** The person uses a username: only the user id is told. */
    hidesPhone: z.boolean().default(false),
  })
  .refine(({ content, raw }) => (content === undefined) !== (raw === undefined), {
    message: 'exactly one of content and raw is required',
  })

export type InboundRequest = z.input<typeof inboundSchema>
type Inbound = z.output<typeof inboundSchema>

/**
 * A person writes to one of our numbers; the webhook follows. Throws a ZodError or a RangeError
 * on a malformed request.
 */
export function receiveInbound(
  simulation: Simulation,
  request: InboundRequest,
): { messageId: string } {
  const inbound = inboundSchema.parse(request)
  const number = simulation.numbers.find(inbound.phoneNumberId)
  if (!number) throw new RangeError(`no number with id ${inbound.phoneNumberId}`)
  const person = writerOf(simulation, number, inbound.from)
  person.name = inbound.name ?? person.name
  const message = messageOf(simulation, number, { inbound, person })
  countThroughput(simulation, number)
  remember(simulation, number, { inbound, person, message })
  tell(simulation, number, { inbound, person, message })
  return { messageId: message.id }
}

type InboundMedia = Extract<NonNullable<Inbound['content']>, { type: 'media' }>

interface WrittenBy {
  readonly inbound: Inbound
  readonly person: Person
}

/** What comes in counts towards the throughput of a number, but is never refused. */
function countThroughput({ limits }: Simulation, number: BusinessNumber): void {
  const { phoneNumberId, throughputPerSecond } = number
  if (throughputPerSecond !== undefined) limits.takesThroughput(phoneNumberId, throughputPerSecond)
}

interface InboundMessage {
  readonly id: string
  readonly timestamp: string
  readonly type: string
  readonly [key: string]: unknown
}

function writerOf(simulation: Simulation, number: BusinessNumber, from: string): Person {
  if (userIdPattern.test(from)) return simulation.people.byUserId(from)
  const digits = dialledDigits(from, number.displayPhoneNumber)
  if (digits === undefined) throw new RangeError(`from is not a phone number: ${from}`)
  return simulation.people.byPhone(digits, number.wabaId, simulation.settings.shortAreaCodes)
}

function messageOf(
  simulation: Simulation,
  number: BusinessNumber,
  { inbound, person }: WrittenBy,
): InboundMessage {
  const { raw, content, replyTo, hidesPhone } = inbound
  const hidden = hidesPhone || person.waId === undefined
  const seconds = inbound.timestamp ?? Math.floor(simulation.clock.now() / 1000)
  const context = { from: metadataFrom(number), id: replyTo }
  return {
    ...(hidden ? {} : { from: person.waId }),
    from_user_id: person.userId,
    id: inbound.messageId ?? simulation.random.wamid(person.waId ?? person.userId),
    timestamp: String(seconds),
    type: 'unsupported',
    ...(content ? contentOf(simulation, number, content) : {}),
    ...(replyTo === undefined ? {} : { context }),
    ...raw,
  }
}

const metadataFrom = (number: BusinessNumber) => number.displayPhoneNumber.replace(/\D/g, '')

function contentOf(
  simulation: Simulation,
  number: BusinessNumber,
  content: NonNullable<Inbound['content']>,
): { type: string; [key: string]: unknown } {
  const { type, ...fields } = content
  switch (content.type) {
    case 'text':
      return { type, text: { body: content.text } }
    case 'button':
    case 'location':
      return { type, [type]: fields }
    case 'reaction':
      return { type, reaction: { message_id: content.messageId, emoji: content.emoji } }
    case 'button_reply':
    case 'list_reply':
      return { type: 'interactive', interactive: { type, [type]: fields } }
    case 'media':
      return mediaOf(simulation, number, content)
  }
}

function mediaOf(
  simulation: Simulation,
  { phoneNumberId }: BusinessNumber,
  { mimeType, base64, caption, filename }: InboundMedia,
) {
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
  return { type, [type]: type === 'audio' ? { ...file, voice: false } : file }
}

function remember(
  simulation: Simulation,
  { phoneNumberId }: BusinessNumber,
  { inbound, person, message }: WrittenBy & { message: InboundMessage },
): void {
  if (simulation.people.message(message.id)) return
  simulation.people.add({
    messageId: message.id,
    direction: 'inbound',
    phoneNumberId,
    person,
    type: message.type,
    text: shownText(message),
    atMs: Number(message.timestamp) * 1000,
    attemptId: undefined,
    replyTo: inbound.replyTo,
    reports: [],
  })
}

function tell(
  simulation: Simulation,
  number: BusinessNumber,
  { inbound, person, message }: WrittenBy & { message: InboundMessage },
): void {
  const { phoneNumberId, wabaId } = number
  const phone = inbound.hidesPhone || person.waId === undefined ? {} : { wa_id: person.waId }
  const contact = { profile: { name: person.name }, ...phone, user_id: person.userId }
  const event = simulation.ledger.openEvent({
    phoneNumberId,
    kind: 'message',
    wamid: message.id,
    status: undefined,
    attemptId: undefined,
  })
  const value = {
    messaging_product: 'whatsapp',
    metadata: metadataOf(number),
    ...(message.type === 'system' ? {} : { contacts: [contact] }),
    messages: [message],
  }
  simulation.webhooks.push({
    wabaId,
    phoneNumberId,
    field: 'messages',
    kind: 'message',
    value,
    event,
  })
}

function shownText(message: InboundMessage): string {
  const inner = message[message.type] as Record<string, unknown> | undefined
  const words = [inner?.body, inner?.text, inner?.caption, inner?.emoji]
  const replied = inner?.button_reply ?? inner?.list_reply
  const shown = words.find((word) => typeof word === 'string') ?? replied
  if (typeof shown === 'object' && shown !== null && 'title' in shown) return String(shown.title)
  return typeof shown === 'string' ? shown : `[${message.type}]`
}
