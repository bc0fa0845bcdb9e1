import type * as z from 'zod'
import {
  inboundMessage,
  messageEcho,
  statusReport,
  systemNews,
  userPreference,
  webhookItem,
} from '#shared/contracts/whatsapp-webhook.ts'
import type {
  Amendment,
  ChannelEvent,
  EchoEvent,
  InboundEvent,
  OtherEvent,
  PersonAddress,
  PreferenceEvent,
  Pricing,
  ReportedStatus,
  SenderAddress,
  StatusEvent,
} from '#shared/domain/channel-event.ts'
import { safeName } from '#shared/domain/clean-text.ts'
import { readAccount } from './webhook-account.ts'
import { rawContent, readContent } from './webhook-contents.ts'
import { failureOf } from './webhook-failures.ts'
import { readMetadata } from './webhook-metadata.ts'
import { defined, safeJson } from './well-formed.ts'

type Item = z.infer<typeof webhookItem>
type Message = z.infer<typeof inboundMessage>

/** What reading wants from outside: the time, and ids for the files that come in. */
export interface Reading {
  readonly now: Date
  readonly uuid: () => string
}

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
export function translateItem(item: unknown, reading: Reading): ChannelEvent {
  const parsed = webhookItem.safeParse(item)
  if (!parsed.success) return unread(item, {}, 'malformed')
  const event = readEvent(parsed.data, item, reading)
  return typeof event === 'string' ? unread(item, parsed.data, event) : event
}

/** The event, or why there is none. */
function readEvent(item: Item, raw: unknown, reading: Reading): ChannelEvent | string {
  switch (item.kind) {
    case 'message':
      return readMessage(item, reading)
    case 'echo':
      return readEcho(item, reading)
    case 'preference':
      return readPreference(item, reading)
    case 'status':
      return readStatus(item, reading)
    case 'account':
      return readAccount(item, raw, reading.now)
    case 'other':
      return item.reason ?? 'unknown-field'
  }
}

function readMessage(item: Item, reading: Reading): InboundEvent | string {
  const sender = senderOf(item)
  const message = inboundMessage.safeParse(item.payload).data
  const occurredAt = message && timeOf(message.timestamp, reading.now)
  if (sender === undefined || message === undefined || occurredAt === undefined) return 'malformed'
  // A reply would go to the writer alone, so a group's talk has no place in that person's chat.
  if (message.group_id !== undefined) return 'group-message'
  const news = message.type === 'system' ? systemNews.safeParse(message.system).data : undefined
  const from = writerOf(item, message, news?.previous_user_id)
  const nowKnownAs = message.type === 'system' ? newAddress(news) : undefined
  if (!isNamed(from) && !isNamed(nowKnownAs ?? {})) return 'unknown-person'
  const amends = amendmentOf(message, reading)
  const read = amends
    ? rawContent(item.payload, amends.kind)
    : readContent(item.payload, reading.uuid)
  return defined({
    kind: 'inbound',
    channel,
    sender,
    providerMessageId: message.id,
    from,
    occurredAt,
    content: read.content,
    file: read.file,
    metadata: readMetadata(message),
    replyTo: read.reactsTo ?? message.context?.id,
    amends,
    nowKnownAs,
  })
}

function amendmentOf({ type, edit, revoke }: Message, { uuid }: Reading): Amendment | undefined {
  if (type === 'revoke' && revoke !== undefined) {
    return { kind: type, providerMessageId: revoke.original_message_id }
  }
  if (type !== 'edit' || edit === undefined) return undefined
  const { content, file } = readContent(edit.message, uuid)
  return defined({ kind: type, providerMessageId: edit.original_message_id, content, file })
}

/** A message of the business itself: `from` is its number, `to` the person. */
function readEcho(item: Item, reading: Reading): EchoEvent | string {
  const sender = senderOf(item)
  const message = messageEcho.safeParse(item.payload).data
  const occurredAt = message && timeOf(message.timestamp, reading.now)
  if (sender === undefined || message === undefined || occurredAt === undefined) return 'malformed'
  if (message.group_id !== undefined) return 'group-message'
  const to = defined({ waId: message.to, userId: message.to_user_id })
  if (!isNamed(to)) return 'unknown-person'
  const { content, file, reactsTo } = readContent(item.payload, reading.uuid)
  return defined({
    kind: 'echo',
    channel,
    sender,
    providerMessageId: message.id,
    to,
    occurredAt,
    content,
    file,
    metadata: readMetadata(message),
    replyTo: reactsTo ?? message.context?.id,
  })
}

function readPreference(item: Item, { now }: Reading): PreferenceEvent | string {
  const sender = senderOf(item)
  const preference = userPreference.safeParse(item.payload).data
  const occurredAt = preference && timeOf(preference.timestamp, now)
  if (sender === undefined || preference === undefined || occurredAt === undefined) {
    return 'malformed'
  }
  const person = newAddress(preference)
  if (!isNamed(person)) return 'unknown-person'
  const wants = preference.value === 'resume'
  return { kind: 'preference', channel, sender, person, wants, occurredAt }
}

function readStatus(item: Item, { now }: Reading): StatusEvent | string {
  const sender = senderOf(item)
  const report = statusReport.safeParse(item.payload).data
  const occurredAt = report && timeOf(report.timestamp, now)
  if (sender === undefined || report === undefined || occurredAt === undefined) return 'malformed'
  const status = statuses.get(report.status)
  if (status === undefined) return 'unknown-status'
  return defined({
    kind: 'status',
    channel,
    sender,
    providerMessageId: report.id,
    status,
    occurredAt,
    attemptId: report.biz_opaque_callback_data?.toLowerCase(),
    pricing: report.pricing && pricingOf(report.pricing),
    failure: status === 'FAILED' ? failureOf(report.errors) : undefined,
  })
}

function pricingOf(
  pricing: NonNullable<z.infer<typeof statusReport>['pricing']>,
): Pricing | undefined {
  const { category, type, pricing_model: model, billable } = pricing
  const read = defined({ category, type, model, billable })
  return Object.keys(read).length === 0 ? undefined : read
}

/** Who wrote, from the message itself; its contact fills what the message leaves out. */
function writerOf(
  { contact }: Item,
  message: Message,
  previousUserId: string | undefined,
): InboundEvent['from'] {
  const name = safeName(contact?.profile?.name ?? '')
  return defined({
    waId: message.from ?? contact?.wa_id,
    userId: previousUserId ?? message.from_user_id ?? contact?.user_id,
    parentUserId: message.from_parent_user_id ?? contact?.parent_user_id,
    name: name === '' ? undefined : name,
  })
}

function newAddress(
  named: {
    wa_id?: string | undefined
    user_id?: string | undefined
    parent_user_id?: string | undefined
  } = {},
): PersonAddress {
  const { wa_id: waId, user_id: userId, parent_user_id: parentUserId } = named
  return defined({ waId, userId, parentUserId })
}

function isNamed({ waId, userId, parentUserId }: PersonAddress): boolean {
  return (waId ?? userId ?? parentUserId) !== undefined
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
  const sender = defined({ phoneNumberId, wabaId: source.wabaId })
  return { kind: 'other', channel, sender, reason, raw: safeJson(item) }
}
