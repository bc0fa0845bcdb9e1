import type * as z from 'zod'
import {
  inboundMessage,
  reportedError,
  statusReport,
  webhookItem,
} from '#shared/contracts/whatsapp-webhook.ts'
import type {
  ChannelEvent,
  InboundEvent,
  OtherEvent,
  ReportedStatus,
  SenderAddress,
  StatusEvent,
} from '#shared/domain/channel-event.ts'
import type { MessageContent } from '#shared/domain/content.ts'
import { readError } from './error-table.ts'
import { wellFormedJson, wellFormedText } from './well-formed.ts'

type Item = z.infer<typeof webhookItem>
type Message = z.infer<typeof inboundMessage>

const channel = 'WHATSAPP'
const toleratedFutureMs = 24 * 3600 * 1000

const statuses: ReadonlyMap<string, ReportedStatus> = new Map([
  ['sent', 'SENT'],
  ['delivered', 'DELIVERED'],
  ['read', 'READ'],
  ['played', 'READ'],
  ['failed', 'FAILED'],
])

/**
 * One webhook item in our words. Never throws: what cannot be read is an `other` event that holds
 * the whole item (`raw` can be translated again) and says why: `malformed`, `unknown-status`,
 * `unknown-person` (a message that names nobody), `group-message`, or the item's own reason.
 * A time that is not whole seconds, or over 24 h after `now`, is malformed.
 */
export function translateItem(item: unknown, now: Date): ChannelEvent {
  const parsed = webhookItem.safeParse(item)
  if (!parsed.success) return unread(item, {}, 'malformed')
  const { kind, reason } = parsed.data
  if (kind === 'other') return unread(item, parsed.data, reason ?? 'unknown-field')
  const event = kind === 'message' ? readMessage(parsed.data, now) : readStatus(parsed.data, now)
  return typeof event === 'string' ? unread(item, parsed.data, event) : event
}

function readMessage(item: Item, now: Date): InboundEvent | string {
  const sender = senderOf(item)
  const message = inboundMessage.safeParse(item.payload).data
  const occurredAt = message && timeOf(message.timestamp, now)
  if (sender === undefined || message === undefined || occurredAt === undefined) return 'malformed'
  // A reply would go to the writer alone, so a group's talk has no place in that person's chat.
  if (message.group_id !== undefined) return 'group-message'
  const from = writerOf(item, message)
  if (from.waId === undefined && from.userId === undefined) return 'unknown-person'
  return {
    kind: 'inbound',
    channel,
    sender,
    providerMessageId: message.id,
    from,
    occurredAt,
    content: contentOf(message, item.payload),
    ...(message.context?.id !== undefined && { replyTo: message.context.id }),
  }
}

function readStatus(item: Item, now: Date): StatusEvent | string {
  const sender = senderOf(item)
  const report = statusReport.safeParse(item.payload).data
  const occurredAt = report && timeOf(report.timestamp, now)
  if (sender === undefined || report === undefined || occurredAt === undefined) return 'malformed'
  const status = statuses.get(report.status)
  if (status === undefined) return 'unknown-status'
  const failure = status === 'FAILED' ? failureOf(report.errors ?? []) : undefined
  const attemptId = report.biz_opaque_callback_data?.toLowerCase()
  return {
    kind: 'status',
    channel,
    sender,
    providerMessageId: report.id,
    status,
    occurredAt,
    ...(attemptId !== undefined && { attemptId }),
    ...(failure !== undefined && { failure }),
  }
}

/** Who wrote, from the message itself; its contact fills what the message leaves out. */
function writerOf(item: Item, message: Message): InboundEvent['from'] {
  const waId = message.from ?? item.contact?.wa_id
  const userId = message.from_user_id ?? item.contact?.user_id
  const name = wellFormedText(item.contact?.profile?.name ?? '')
  return {
    ...(waId !== undefined && { waId }),
    ...(userId !== undefined && { userId }),
    ...(name !== '' && { name }),
  }
}

function contentOf(message: Message, payload: unknown): MessageContent {
  if (message.type === 'text' && message.text !== undefined) {
    return { type: 'text', text: wellFormedText(message.text.body) }
  }
  const providerType = wellFormedText(message.type ?? 'unknown')
  return { type: 'other', providerType, raw: wellFormedJson(payload) }
}

/** The first readable error; Meta sends one. */
function failureOf(errors: readonly unknown[]): StatusEvent['failure'] {
  const error = errors
    .values()
    .map((each) => reportedError.safeParse(each).data)
    .find((each) => each !== undefined)
  if (error === undefined) return undefined
  const detail = error.error_data?.details
  return {
    code: error.code,
    reason: readError(error.code, undefined, undefined).reason,
    ...(error.title !== undefined && { title: wellFormedText(error.title) }),
    ...(detail !== undefined && { detail: wellFormedText(detail) }),
  }
}

function timeOf(unixSeconds: string, now: Date): string | undefined {
  const at = Number(unixSeconds) * 1000
  return at > now.getTime() + toleratedFutureMs ? undefined : new Date(at).toISOString()
}

function senderOf({ wabaId, metadata }: Item): SenderAddress | undefined {
  const phoneNumberId = metadata?.phone_number_id
  return phoneNumberId === undefined || wabaId === undefined ? undefined : { phoneNumberId, wabaId }
}

function unread(item: unknown, source: Partial<Item>, reason: string): OtherEvent {
  const phoneNumberId = source.metadata?.phone_number_id
  const sender = {
    ...(phoneNumberId !== undefined && { phoneNumberId }),
    ...(source.wabaId !== undefined && { wabaId: source.wabaId }),
  }
  return { kind: 'other', channel, sender, reason, raw: wellFormedJson(item) }
}
