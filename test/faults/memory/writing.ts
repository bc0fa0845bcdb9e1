import type { EchoEvent, InboundEvent, InboundFile } from '#shared/domain/channel-event.ts'
import type { RoutedEcho, RoutedInbound } from '#shared/ports/event-store.ts'
import type { Wake } from '#shared/ports/task-queue.ts'
import { matchReports, refresh } from './attempts.ts'
import { joinContact } from './joining.ts'
import { takeOptOutWord } from './opt-outs.ts'
import { addChat } from './people.ts'
import {
  type AttemptRow,
  type ChatRow,
  type ContactRow,
  keyOf,
  type MemoryDatabase,
  type MessageRow,
  type PersonRow,
} from './rows.ts'
import { addTask, changeTask } from './tasks.ts'

/** The tasks that came of it; undefined for a copy. */
type Stored = readonly Wake[] | undefined

export function storeInbound(db: MemoryDatabase, routed: RoutedInbound): Stored {
  const { tenantId, senderId, event } = routed
  const { channel, from: person, nowKnownAs } = event
  const key = keyOf(tenantId, channel, event.providerMessageId)
  if (db.inbound.has(key)) return undefined
  const contact = joinContact(db, { tenantId, channel, person, nowKnownAs })
  const amended = event.amends && amend(db, contact, event)
  if (amended === 'applied') return fileWakes(db, tenantId, fileOf(event))
  if (amended === 'known') return undefined
  const isNews = nowKnownAs !== undefined
  const chat = isNews ? lastChat(db, contact.person) : openInboundChat(db, contact.person)
  const message = storedMessage(db, { chat, contact, event })
  db.inbound.set(key, message)
  if (isNews) {
    chat.lastSequence = message.sequence
    return []
  }
  advanceChat(db, message, 1)
  const heardAt = Math.max(contact.wroteTo.get(senderId) ?? 0, Date.parse(event.occurredAt))
  contact.wroteTo.set(senderId, heardAt)
  return [...fileWakes(db, tenantId, event.file), ...takeOptOutWord(db, message, routed)]
}

/** What somebody wrote on the business's own phone: a message that went out without us. */
export function storeEcho(db: MemoryDatabase, { tenantId, senderId, event }: RoutedEcho): Stored {
  const { channel, to: person, providerMessageId } = event
  const named = keyOf(tenantId, channel, providerMessageId)
  if (db.attemptsByProviderId.has(named)) return undefined
  const contact = joinContact(db, { tenantId, channel, person })
  const chat = openInboundChat(db, contact.person)
  const sender = db.senders.get(senderId)
  const message = storedMessage(db, { chat, contact, event, sender })
  advanceChat(db, message, 0)
  const now = db.now()
  const task = addTask(db, message, {
    type: 'MESSAGE_SEND',
    plannedAt: now,
    dueAt: now,
    wokenAt: undefined,
  })
  changeTask(db, task, { state: 'DONE', reason: 'business-app' })
  const attempt = acceptedAttempt(db, message, providerMessageId)
  db.attemptsByProviderId.set(named, attempt)
  matchReports(db, attempt)
  refresh(db, message)
  return fileWakes(db, tenantId, event.file)
}

function acceptedAttempt(
  db: MemoryDatabase,
  message: MessageRow,
  providerMessageId: string,
): AttemptRow {
  const attempt: AttemptRow = {
    attemptId: `echo-${db.nextId()}`,
    message,
    number: 1,
    outcome: 'ACCEPTED',
    providerMessageId,
    reportedStatus: undefined,
    reason: undefined,
    reasonCode: undefined,
    claimedAt: db.now(),
    resolvedAt: db.now(),
  }
  message.attempts.push(attempt)
  db.attempts.set(keyOf(message.tenantId, attempt.attemptId), attempt)
  db.audit.outcome(attempt, undefined)
  return attempt
}

function fileOf({ amends }: InboundEvent): InboundFile | undefined {
  return amends?.kind === 'edit' ? amends.file : undefined
}

function fileWakes(
  db: MemoryDatabase,
  tenantId: string,
  file: InboundFile | undefined,
): readonly Wake[] {
  if (file === undefined) return []
  return [{ type: 'MEDIA_FETCH', tenantId, taskId: db.nextId(), inSeconds: 0 }]
}

/** Only forward in the provider's time, and nothing comes back once it was taken back. */
function amend(
  db: MemoryDatabase,
  contact: ContactRow,
  { channel, occurredAt, amends }: InboundEvent,
): 'applied' | 'known' | 'no-original' {
  const { tenantId } = contact.person
  const original = db.inbound.get(keyOf(tenantId, channel, amends?.providerMessageId))
  if (amends === undefined || original?.contact !== contact) return 'no-original'
  const at = Date.parse(occurredAt)
  const isGone = original.revokedAt !== undefined || original.content === undefined
  if (isGone || at < Date.parse(original.occurredAt ?? '')) return 'known'
  if (amends.kind === 'revoke') {
    Object.assign(original, { revokedAt: at, content: undefined, metadata: undefined })
    return 'applied'
  }
  if (original.editedAt !== undefined && at <= original.editedAt) return 'known'
  Object.assign(original, { editedAt: at, content: amends.content })
  return 'applied'
}

function storedMessage(
  db: MemoryDatabase,
  parts: {
    chat: ChatRow
    contact: ContactRow
    event: InboundEvent | EchoEvent
    sender?: MessageRow['sender']
  },
): MessageRow {
  const { chat, contact, event } = parts
  const { tenantId } = chat
  const answered = keyOf(tenantId, event.channel, event.replyTo)
  const original =
    event.replyTo === undefined
      ? undefined
      : (db.attemptsByProviderId.get(answered)?.message ?? db.inbound.get(answered))
  const isEcho = event.kind === 'echo'
  const message: MessageRow = {
    tenantId,
    messageId: db.nextId(),
    chat,
    sequence: chat.lastSequence + 1,
    direction: isEcho ? 'OUTBOUND' : 'INBOUND',
    channel: event.channel,
    contact,
    sender: parts.sender,
    content: event.content,
    origin: isEcho ? 'business-app' : 'api',
    fallback: undefined,
    fallbackUsed: false,
    metadata: event.metadata,
    editedAt: undefined,
    revokedAt: undefined,
    status: isEcho ? 'SENT' : 'RECEIVED',
    reason: undefined,
    reasonCode: undefined,
    statusAt: db.now(),
    held: false,
    deliveryPolicy: 'at-least-once',
    possibleDuplicate: false,
    outOfOrder: false,
    providerMessageId: isEcho ? undefined : event.providerMessageId,
    replyToMessageId: original?.messageId,
    occurredAt: new Date(event.occurredAt).toISOString(),
    sendAt: undefined,
    expiresAt: isEcho ? Date.parse(event.occurredAt) : undefined,
    reportTtlSeconds: isEcho ? 30 * 86_400 : 0,
    createdAt: db.now(),
    attempts: [],
    sendTask: undefined,
    checkTask: undefined,
  }
  db.messages.set(keyOf(tenantId, message.messageId), message)
  chat.messages.push(message)
  db.audit.status(message, undefined)
  return message
}

function advanceChat(db: MemoryDatabase, message: MessageRow, unread: number): void {
  const { chat, channel } = message
  chat.lastMessageId = message.messageId
  chat.lastSequence = message.sequence
  chat.unreadCount += unread
  chat.lastActivityAt = db.now()
  chat.updatedAt = db.now()
  if (!chat.channels.includes(channel)) chat.channels.push(channel)
}

/** Where the person was last talked with, open or not; a new chat for a stranger. */
function lastChat(db: MemoryDatabase, person: PersonRow): ChatRow {
  const active = person.chats.find(({ status }) => status === 'ACTIVE')
  const [last] = person.chats
    .filter(({ mergedIntoChatId }) => mergedIntoChatId === undefined)
    .sort((one, other) => other.lastActivityAt - one.lastActivityAt)
  return active ?? last ?? addChat(db, person)
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
    .sort(
      (one, other) =>
        other.lastActivityAt - one.lastActivityAt || Number(other.chatId) - Number(one.chatId),
    )[0]
  if (closed === undefined) return addChat(db, person)
  closed.status = 'ACTIVE'
  closed.updatedAt = db.now()
  return closed
}
