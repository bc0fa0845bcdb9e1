import { createHash } from 'node:crypto'
import type { InboundEvent, StatusEvent } from '#shared/domain/channel-event.ts'
import { canonicalPhone } from '#shared/domain/phone.ts'
import {
  type AppliedCounts,
  ItemRefused,
  type ParkedItem,
  type RoutedEvent,
} from '#shared/ports/event-store.ts'
import { rankOf, refresh } from './attempts.ts'
import {
  type AttemptRow,
  type ChatRow,
  type ContactRow,
  type IdentityKind,
  keyOf,
  type MemoryDatabase,
  type MessageRow,
  type PersonRow,
  type ReportRow,
} from './rows.ts'
import { setOutcome } from './tasks.ts'

type Inbound = RoutedEvent & { readonly event: InboundEvent }
type Report = RoutedEvent & { readonly event: StatusEvent }

/** Applies a batch: all of it or nothing. Throws ItemRefused for values that no row can hold. */
export function applyEvents(
  db: MemoryDatabase,
  { events, parked }: { events: readonly RoutedEvent[]; parked: readonly ParkedItem[] },
): AppliedCounts {
  for (const { event } of events) checkValues(event)
  const inbound = events
    .filter((routed): routed is Inbound => routed.event.kind === 'inbound')
    .sort((one, other) => Date.parse(one.event.occurredAt) - Date.parse(other.event.occurredAt))
  const reports = events.filter((routed): routed is Report => routed.event.kind === 'status')
  return {
    inboundStored: inbound.filter((routed) => storeInbound(db, routed)).length,
    reportsStored: reports.filter((routed) => storeReport(db, routed)).length,
    parkedStored: parked.filter((item) => park(db, item)).length,
  }
}

function checkValues({ occurredAt, providerMessageId }: RoutedEvent['event']): void {
  if (Number.isNaN(Date.parse(occurredAt))) throw new ItemRefused('22007')
  if (providerMessageId.length > 512) throw new ItemRefused('22001')
  if (providerMessageId.includes('\u0000')) throw new ItemRefused('22P05')
}

function park(db: MemoryDatabase, { tenantId, reason, raw }: ParkedItem): boolean {
  const hash = createHash('sha256')
    .update(`${reason}\n${JSON.stringify(raw)}`)
    .digest('base64')
  const key = keyOf(tenantId, hash)
  if (db.parked.has(key)) return false
  db.parked.set(key, { tenantId, reason })
  return true
}

function storeReport(db: MemoryDatabase, { tenantId, event }: Report): boolean {
  const { channel, providerMessageId, status, attemptId, failure } = event
  const key = keyOf(tenantId, channel, providerMessageId, status)
  if (db.reports.has(key)) return false
  const reason = failure?.reason ?? (status === 'FAILED' ? 'unknown-error' : undefined)
  const report: ReportRow = {
    tenantId,
    channel,
    providerMessageId,
    status,
    attemptId,
    reason,
    reasonCode: failure?.code,
    message: undefined,
  }
  db.reports.set(key, report)
  const named = keyOf(tenantId, channel, providerMessageId)
  const siblings = db.reportsByProviderId.get(named)
  if (siblings === undefined) db.reportsByProviderId.set(named, [report])
  else siblings.push(report)
  const attempt = attemptOf(db, report)
  if (attempt !== undefined) believe(db, attempt, report)
  return true
}

/** The attempt with the provider's id, else the echoed one while it has none of its own. */
function attemptOf(db: MemoryDatabase, report: ReportRow): AttemptRow | undefined {
  const { tenantId, channel, providerMessageId, attemptId } = report
  const known = db.attemptsByProviderId.get(keyOf(tenantId, channel, providerMessageId))
  if (known !== undefined) return known
  const echoed = attemptId === undefined ? undefined : db.attempts.get(keyOf(tenantId, attemptId))
  const isFree = echoed?.providerMessageId === undefined && echoed?.message.channel === channel
  return isFree ? echoed : undefined
}

/** A report proves that the provider took the attempt, whatever we thought of it. */
function believe(db: MemoryDatabase, attempt: AttemptRow, report: ReportRow): void {
  setOutcome(db, attempt, 'ACCEPTED')
  attempt.resolvedAt ??= db.now()
  attempt.providerMessageId = report.providerMessageId
  const { tenantId, channel } = report
  db.attemptsByProviderId.set(keyOf(tenantId, channel, report.providerMessageId), attempt)
  if (rankOf(report.status) > rankOf(attempt.reportedStatus)) {
    attempt.reportedStatus = report.status
    attempt.reason = report.reason
    attempt.reasonCode = report.reasonCode
  }
  report.message = attempt.message
  refresh(db, attempt.message)
}

function storeInbound(db: MemoryDatabase, { tenantId, senderId, event }: Inbound): boolean {
  const key = keyOf(tenantId, event.channel, event.providerMessageId)
  if (db.inbound.has(key)) return false
  const now = db.now()
  const contact = findOrAddContact(db, tenantId, event)
  const chat = openInboundChat(db, contact.person)
  const message = inboundMessage(db, { chat, contact, event })
  db.inbound.set(key, message)
  db.messages.set(keyOf(tenantId, message.messageId), message)
  chat.messages.push(message)
  db.audit.status(message, undefined)
  chat.lastMessageId = message.messageId
  chat.lastSequence = message.sequence
  chat.unreadCount += 1
  chat.lastActivityAt = now
  chat.updatedAt = now
  if (!chat.channels.includes(event.channel)) chat.channels.push(event.channel)
  const heardAt = Math.max(contact.wroteTo.get(senderId) ?? 0, Date.parse(event.occurredAt))
  contact.wroteTo.set(senderId, heardAt)
  return true
}

function inboundMessage(
  db: MemoryDatabase,
  { chat, contact, event }: { chat: ChatRow; contact: ContactRow; event: InboundEvent },
): MessageRow {
  const { tenantId } = chat
  const answered = keyOf(tenantId, event.channel, event.replyTo)
  const original =
    event.replyTo === undefined
      ? undefined
      : (db.attemptsByProviderId.get(answered)?.message ?? db.inbound.get(answered))
  return {
    tenantId,
    messageId: db.nextId(),
    chat,
    sequence: chat.lastSequence + 1,
    direction: 'INBOUND',
    channel: event.channel,
    contact,
    sender: undefined,
    content: event.content,
    fallback: undefined,
    fallbackUsed: false,
    status: 'RECEIVED',
    reason: undefined,
    reasonCode: undefined,
    statusAt: db.now(),
    held: false,
    deliveryPolicy: 'at-least-once',
    possibleDuplicate: false,
    outOfOrder: false,
    providerMessageId: event.providerMessageId,
    replyToMessageId: original?.messageId,
    occurredAt: new Date(event.occurredAt).toISOString(),
    sendAt: undefined,
    expiresAt: undefined,
    reportTtlSeconds: 0,
    createdAt: db.now(),
    attempts: [],
    sendTask: undefined,
    checkTask: undefined,
  }
}

/** The ACTIVE chat, else the last one closed within the reopen days, else a new one. */
function openInboundChat(db: MemoryDatabase, person: PersonRow): ChatRow {
  const active = person.chats.find(({ status }) => status === 'ACTIVE')
  if (active !== undefined) return active
  const days = db.tenants.get(person.tenantId)?.reopenDays ?? 0
  const since = db.now() - days * 86_400_000
  const closed = person.chats
    .filter((chat) => chat.status === 'CLOSED' && chat.mergedIntoChatId === undefined)
    .filter((chat) => chat.updatedAt > since)
    .sort((one, other) => other.lastActivityAt - one.lastActivityAt)[0]
  if (closed === undefined) return addChat(db, person)
  closed.status = 'ACTIVE'
  closed.updatedAt = db.now()
  return closed
}

export function addChat(db: MemoryDatabase, person: PersonRow): ChatRow {
  const now = db.now()
  const chat: ChatRow = {
    tenantId: person.tenantId,
    chatId: db.nextId(),
    person,
    status: 'ACTIVE',
    lastMessageId: undefined,
    channels: [],
    unreadCount: 0,
    lastSequence: 0,
    mergedIntoChatId: undefined,
    lastActivityAt: now,
    createdAt: now,
    updatedAt: now,
    messages: [],
    lanes: new Map(),
  }
  person.chats.push(chat)
  db.chats.set(keyOf(chat.tenantId, chat.chatId), chat)
  db.tenants.get(chat.tenantId)?.chats.push(chat)
  return chat
}

export function identityKey(
  tenantId: string,
  channel: string,
  { kind, value }: { kind: IdentityKind; value: string },
): string {
  const canonical = kind === 'phone' ? canonicalPhone(value) : value
  return keyOf(tenantId, channel, kind, kind === 'email' ? value.toLowerCase() : canonical)
}

export function addPerson(
  db: MemoryDatabase,
  person: Pick<PersonRow, 'tenantId' | 'externalId' | 'name'>,
): PersonRow {
  const added = { ...person, personId: db.nextId(), contacts: [], chats: [] }
  db.persons.push(added)
  return added
}

export function addContact(
  db: MemoryDatabase,
  person: PersonRow,
  channel: ContactRow['channel'],
): ContactRow {
  const contactId = db.nextId()
  const contact: ContactRow = {
    contactId,
    channel,
    person,
    identities: [],
    wroteTo: new Map(),
    optOuts: new Map(),
  }
  person.contacts.push(contact)
  return contact
}

/** One that another contact holds stays there. */
export function addIdentity(
  db: MemoryDatabase,
  contact: ContactRow,
  identity: { kind: IdentityKind; value: string },
): void {
  const key = identityKey(contact.person.tenantId, contact.channel, identity)
  if (db.identities.has(key)) return
  db.identities.set(key, contact)
  contact.identities.push(identity)
}

function findOrAddContact(db: MemoryDatabase, tenantId: string, event: InboundEvent): ContactRow {
  const { waId, userId, name } = event.from
  const identities = [
    ...(waId === undefined ? [] : [{ kind: 'phone' as const, value: `+${waId}` }]),
    ...(userId === undefined ? [] : [{ kind: 'user-id' as const, value: userId }]),
  ]
  const known = identities
    .map((identity) => db.identities.get(identityKey(tenantId, event.channel, identity)))
    .find((contact) => contact !== undefined)
  const contact =
    known ?? addContact(db, addPerson(db, { tenantId, externalId: undefined, name }), event.channel)
  contact.person.name ??= name
  for (const identity of identities) addIdentity(db, contact, identity)
  return contact
}
