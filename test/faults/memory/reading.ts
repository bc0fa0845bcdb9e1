import { createHash } from 'node:crypto'
import { failureClassOf } from '#shared/adapters/whatsapp/failure-class.ts'
import type { Chat } from '#shared/domain/chat.ts'
import { Refusal } from '#shared/domain/errors.ts'
import type { Message } from '#shared/domain/message.ts'
import { previewOf } from '#shared/domain/preview.ts'
import type { Page, PageRequest } from '#shared/ports/chat-store.ts'
import type { WaitingMessage } from '#shared/ports/task-store.ts'
import { addressOf } from './people.ts'
import { type ChatRow, keyOf, type MemoryDatabase, type MessageRow } from './rows.ts'
import { windowOf } from './rules.ts'

/** As the database store: a page ends at this many bytes of content. */
const pageBytes = 700_000
/** A larger content is not read for a list. */
const shortBytes = 19_900

export function shownChat(db: MemoryDatabase, chat: ChatRow): Chat {
  const { person } = chat
  return {
    chatId: chat.chatId,
    version: versionOf(chat),
    status: chat.status,
    channels: [...chat.channels],
    person: {
      personId: person.personId,
      externalId: person.externalId,
      name: person.name,
      contacts: person.contacts.flatMap((contact) => {
        const shown = addressOf(contact)
        return shown === undefined ? [] : [{ channel: contact.channel, address: shown.value }]
      }),
    },
    lastMessageId: chat.lastMessageId,
    lastMessage: lastMessageOf(db, chat),
    unreadCount: chat.unreadCount,
    serviceWindow: windowOf(db, person),
    mergedIntoChatId: chat.mergedIntoChatId,
    lastActivityAt: iso(chat.lastActivityAt),
    createdAt: iso(chat.createdAt),
    updatedAt: iso(chat.updatedAt),
  }
}

/** Like a row's version in the database: another one after each change of the chat. */
function versionOf(chat: ChatRow): string {
  const { lanes: _lanes, messages: _messages, person, ...columns } = chat
  const hash = createHash('sha256')
    .update(JSON.stringify([columns, person.personId]))
    .digest()
  return String(hash.readUInt32BE())
}

function lastMessageOf(db: MemoryDatabase, { tenantId, lastMessageId }: ChatRow) {
  const message = lastMessageId && db.messages.get(keyOf(tenantId, lastMessageId))
  if (!message) return undefined
  const { messageId, direction, channel, status, content, createdAt } = message
  const isShort = JSON.stringify(content ?? null).length <= shortBytes
  return {
    ...{ messageId, direction, channel, status },
    contentType: content?.type,
    preview: content && isShort ? previewOf(content) : undefined,
    createdAt: iso(createdAt),
  }
}

function shownMessage(db: MemoryDatabase, message: MessageRow): Message {
  const { chat, sendAt, expiresAt, editedAt, revokedAt, status, reasonCode } = message
  return {
    messageId: message.messageId,
    chatId: chat.chatId,
    sequence: String(message.sequence),
    direction: message.direction,
    channel: message.channel,
    origin: message.origin,
    status,
    reason: message.reason,
    reasonCode,
    failureClass: failureClassOf(status, reasonCode),
    statusAt: iso(message.statusAt),
    held: message.held,
    possibleDuplicate: message.possibleDuplicate,
    outOfOrder: message.outOfOrder,
    fallbackWaits:
      message.fallback !== undefined && ['QUEUED', 'SENDING', 'UNKNOWN'].includes(status),
    fallbackUsed: message.fallbackUsed,
    deliveryPolicy: message.deliveryPolicy,
    content: message.content,
    metadata: message.metadata,
    editedAt: editedAt === undefined ? undefined : iso(editedAt),
    revokedAt: revokedAt === undefined ? undefined : iso(revokedAt),
    pricing: pricingOf(db, message),
    replyToMessageId: message.replyToMessageId,
    resendOfMessageId: undefined,
    deletedAt: undefined,
    sendAt: sendAt === undefined ? undefined : iso(sendAt),
    expiresAt: expiresAt === undefined ? undefined : iso(expiresAt),
    occurredAt: message.occurredAt,
    createdAt: iso(message.createdAt),
  }
}

/** Of the newest report that tells it. */
function pricingOf(db: MemoryDatabase, message: MessageRow): Message['pricing'] {
  const { tenantId, channel } = message
  return message.attempts
    .flatMap(({ providerMessageId }) =>
      providerMessageId === undefined
        ? []
        : (db.reportsByProviderId.get(keyOf(tenantId, channel, providerMessageId)) ?? []),
    )
    .filter(({ pricing }) => pricing !== undefined)
    .sort((one, other) => other.occurredAt - one.occurredAt)[0]?.pricing
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}

/** Undefined when the tenant has no such chat. Throws Refusal `invalid-cursor`. */
export function listMessages(
  db: MemoryDatabase,
  page: PageRequest & { tenantId: string; chatId: string; order: 'asc' | 'desc' },
): Page<Message> | undefined {
  const scope = `${page.tenantId}:messages:${page.chatId}:${page.order}`
  const after = Number(readCursor(scope, page.cursor) ?? (page.order === 'asc' ? 0 : Infinity))
  const chat = db.chats.get(keyOf(page.tenantId, page.chatId))
  if (chat === undefined) return undefined
  const ordered = page.order === 'asc' ? chat.messages : chat.messages.toReversed()
  const rest = ordered.filter(({ sequence }) =>
    page.order === 'asc' ? sequence > after : sequence < after,
  )
  const shown = fitting(rest).slice(0, page.limit)
  const last = shown.at(-1)
  return {
    items: shown.map((message) => shownMessage(db, message)),
    nextCursor:
      last !== undefined && shown.length < rest.length
        ? writeCursor(scope, String(last.sequence))
        : undefined,
  }
}

function fitting(messages: readonly MessageRow[]): readonly MessageRow[] {
  let bytes = 0
  const end = messages.findIndex(({ content }, index) => {
    bytes += JSON.stringify(content ?? null).length + 600
    return index > 0 && bytes > pageBytes
  })
  return end < 0 ? messages : messages.slice(0, end)
}

export function writeCursor(scope: string, position: string): string {
  return Buffer.from(`${tagOf(scope, position)}${position}`).toString('base64url')
}

export function readCursor(scope: string, cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined
  const raw = Buffer.from(cursor, 'base64url').toString()
  const position = raw.slice(16)
  if (raw.slice(0, 16) !== tagOf(scope, position)) throw new Refusal('invalid-cursor')
  return position
}

function tagOf(scope: string, position: string): string {
  return createHash('sha256').update(`${scope}\n${position}`).digest('hex').slice(0, 16)
}

/** Everything that is not final, oldest first. */
export function waitingMessages(
  db: MemoryDatabase,
  { tenantId, limit }: { tenantId: string | undefined; limit: number },
): readonly WaitingMessage[] {
  const now = db.now()
  return db.messages
    .values()
    .filter((message) => isWaiting(message) && (tenantId ?? message.tenantId) === message.tenantId)
    .take(limit)
    .map((message) => ({
      tenantId: message.tenantId,
      messageId: message.messageId,
      chatId: message.chat.chatId,
      status: message.status,
      why: whyWaits(message, now),
      dueAt: dueAtOf(message),
      attempts: message.sendTask?.attempts ?? 0,
      senderId: message.sender?.senderId ?? '',
      waitsSeconds: Math.round((now - message.createdAt) / 1000),
    }))
    .toArray()
}

function isWaiting({ direction, status, reason }: MessageRow): boolean {
  if (direction === 'INBOUND') return false
  if (status === 'UNKNOWN') return reason !== 'unresolved'
  return status === 'QUEUED' || status === 'SENDING' || status === 'SENT'
}

function dueAtOf({ sendTask, checkTask }: MessageRow): string | undefined {
  const open = [sendTask, checkTask].find(
    (task) => task?.state === 'PENDING' || task?.state === 'CLAIMED',
  )
  return open === undefined ? undefined : iso(open.dueAt)
}

function whyWaits({ status, sendTask }: MessageRow, now: number): string {
  if (status === 'SENDING') {
    return (sendTask?.leaseUntil ?? 0) < now ? 'lease-expired' : 'calling-the-provider'
  }
  if (status === 'UNKNOWN') return 'waits-for-a-report'
  if (status === 'SENT') return 'waits-for-delivery'
  if ((sendTask?.plannedAt ?? 0) > now) return 'planned'
  return (sendTask?.dueAt ?? 0) > now ? (sendTask?.reason ?? 'retry') : 'due'
}
