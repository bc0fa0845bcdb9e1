import * as z from 'zod'
import { inboundContent } from './inbound-contents.ts'
import { type MessagePart, messagePart, targetOf, type Writing } from './inbound-message.ts'
import { tellEcho, tellPreference } from './inbound-news.ts'
import type { BusinessNumber } from './numbers.ts'
import { contactOf, type Person } from './people.ts'
import { dialledDigits, userIdPattern } from './phone-number.ts'
import { metadataOf } from './reports.ts'
import { shownMessage } from './shown-message.ts'
import type { Simulation } from './simulation.ts'

export const inboundSchema = z
  .strictObject({
    /** A phone, or the business-scoped user id of somebody without a visible phone. */
    from: z.string().min(1),
    name: z.string().optional(),
    content: inboundContent.optional(),
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
export type Inbound = z.output<typeof inboundSchema>

/**
 * A person writes to one of our numbers; the webhook follows. Answers the message's id, or that of
 * the news where there is no message. Throws a ZodError or a RangeError on a malformed request.
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
  const writing = { simulation, number, person }
  const { content } = inbound
  if (content?.type === 'echo') return tellEcho(writing, content.text, inbound)
  if (content?.type === 'preference') return tellPreference(writing, content.value, inbound)
  const part = content && messagePart(writing, content)
  const message = messageOf(writing, inbound, part)
  countThroughput(simulation, number)
  remember(writing, inbound, message)
  tell(writing, inbound, message)
  return { messageId: message.id }
}

/** What comes in counts towards the throughput of a number, but is never refused. */
function countThroughput({ limits }: Simulation, number: BusinessNumber): void {
  const { phoneNumberId, throughputPerSecond } = number
  if (throughputPerSecond !== undefined) limits.takesThroughput(phoneNumberId, throughputPerSecond)
}

type InboundMessage = MessagePart & { readonly id: string; readonly timestamp: string }

function writerOf(simulation: Simulation, number: BusinessNumber, from: string): Person {
  if (userIdPattern.test(from)) return simulation.people.byUserId(from)
  const digits = dialledDigits(from, number.displayPhoneNumber)
  if (digits === undefined) throw new RangeError(`from is not a phone number: ${from}`)
  return simulation.people.byPhone(digits, number.wabaId, simulation.settings.shortAreaCodes)
}

function messageOf(
  { simulation, number, person }: Writing,
  { raw, replyTo, hidesPhone, ...inbound }: Inbound,
  part: MessagePart | undefined,
): InboundMessage {
  const hidden = hidesPhone || person.waId === undefined
  const seconds = inbound.timestamp ?? Math.floor(simulation.clock.now() / 1000)
  const context = { from: number.displayPhoneNumber.replace(/\D/g, ''), id: replyTo }
  return {
    ...(hidden ? {} : { from: person.waId }),
    from_user_id: person.userId,
    id: inbound.messageId ?? simulation.random.wamid(person.waId ?? person.userId),
    timestamp: String(seconds),
    type: 'unsupported',
    ...part,
    ...(replyTo === undefined ? {} : { context }),
    ...raw,
  }
}

function remember(
  { simulation, number: { phoneNumberId }, person }: Writing,
  { replyTo, content }: Inbound,
  message: InboundMessage,
): void {
  if (simulation.people.message(message.id)) return
  simulation.people.add({
    messageId: message.id,
    direction: 'inbound',
    phoneNumberId,
    person,
    type: message.type,
    shown: shownMessage(message),
    atMs: writtenAtMs(message, simulation.clock.now()),
    attemptId: undefined,
    replyTo: replyTo ?? targetOf(content),
    reports: [],
  })
}

/** WhatsApp tells whole seconds; what is written now comes after what was sent just before. */
function writtenAtMs({ timestamp }: InboundMessage, nowMs: number): number {
  const toldMs = Number(timestamp) * 1000
  return Math.floor(nowMs / 1000) * 1000 === toldMs ? nowMs : toldMs
}

function tell({ simulation, number, person }: Writing, inbound: Inbound, message: InboundMessage) {
  const { phoneNumberId, wabaId } = number
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
    ...(message.type === 'system' ? {} : { contacts: [contactOf(person, inbound.hidesPhone)] }),
    messages: [message],
  }
  const update = {
    wabaId,
    phoneNumberId,
    field: 'messages',
    kind: 'message',
    value,
    event,
  } as const
  simulation.webhooks.push(update)
}
