import type { RequestKey } from '#shared/domain/caller.ts'
import { deliveryTtlSeconds, type MessageContent } from '#shared/domain/content.ts'
import type { RefusalCode } from '#shared/domain/errors.ts'
import type { TemplateContent } from '#shared/domain/template-content.ts'
import type {
  AcceptAnswer,
  AcceptMessage,
  CancelMessage,
  MessageStore,
} from '#shared/ports/message-store.ts'
import { hasPortfolioRoom } from './pacing.ts'
import {
  type ChatRow,
  type ContactRow,
  type KeyRow,
  keyOf,
  type MemoryDatabase,
  type MessageRow,
  type SenderRow,
  type TenantRow,
} from './rows.ts'
import { contactFor, isOptedOut, isWindowOpen, senderFor } from './rules.ts'
import { addTask, changeTask, laneHead, longestDelayMs, showStatus, wakeOf } from './tasks.ts'

const keyMs = 30 * 86_400_000

interface Payer {
  readonly tenantId: string
  readonly clientId: string
  readonly request?: RequestKey | undefined
}

export interface Caller extends Payer {
  readonly request: RequestKey
}

type Refused = {
  readonly outcome: 'refused'
  readonly code: RefusalCode
  readonly retryAfterSeconds: number | undefined
}

export function refuse(code: RefusalCode, retryAfterSeconds = 0): Refused {
  return { outcome: 'refused', code, retryAfterSeconds }
}

/** Takes a token; undefined when there was one. */
export function takeToken(db: MemoryDatabase, caller: Payer): Refused | undefined {
  const { tenantId, clientId } = caller
  const client = db.clients.get(keyOf(tenantId, clientId))
  if (client === undefined || client.isDisabled) return refuse('client-unknown')
  const now = db.now()
  const earned = (client.ratePerSecond * Math.max(0, now - client.tokensAt)) / 1000
  const refilled = Math.min(client.burst, client.tokens + earned)
  // An answer that was lost is given again, whatever the bucket holds.
  if (refilled < 1 && livingAnswer(db, caller) !== undefined) return undefined
  if (refilled < 1) return refuse('rate-limited', (1 - refilled) / client.ratePerSecond)
  client.tokens = refilled - 1
  client.tokensAt = now
  return undefined
}

/** The answer that this key has, if it has one that still lives. */
export function knownAnswer(db: MemoryDatabase, caller: Caller): KeyRow | Refused | undefined {
  const known = livingAnswer(db, caller)
  if (known === undefined) return undefined
  return known.body === caller.request.body ? known : refuse('idempotency-key-mismatch')
}

function livingAnswer(db: MemoryDatabase, caller: Payer): KeyRow | undefined {
  const known = db.keys.get(requestKeyOf(caller))
  return known !== undefined && known.expiresAt > db.now() ? known : undefined
}

export function keepAnswer(
  db: MemoryDatabase,
  caller: Caller,
  answer: { resourceId: string; answerStatus: number },
): number {
  const now = db.now()
  const kept = { ...answer, body: caller.request.body, acceptedAt: now, expiresAt: now + keyMs }
  db.keys.set(requestKeyOf(caller), kept)
  return now
}

function requestKeyOf({ tenantId, clientId, request }: Payer): string {
  return keyOf(tenantId, clientId, request?.route ?? '', request?.key ?? '')
}

interface Route {
  readonly tenant: TenantRow
  readonly chat: ChatRow
  readonly contact: ContactRow
  readonly sender: SenderRow
  readonly sendAfter: number
  readonly giveUp: number
  readonly said: Said
}

export function acceptMessage(db: MemoryDatabase, command: AcceptMessage): AcceptAnswer {
  const refused = takeToken(db, command)
  if (refused !== undefined) return refused
  const known = knownAnswer(db, command)
  if (known !== undefined) {
    if ('outcome' in known) return known
    const acceptedAt = new Date(known.acceptedAt).toISOString()
    return { outcome: 'accepted', messageId: known.resourceId, acceptedAt, wake: undefined }
  }
  const route = routeOf(db, command)
  return 'outcome' in route ? route : store(db, command, route)
}

function routeOf(db: MemoryDatabase, command: AcceptMessage): Route | Refused {
  const now = db.now()
  const tenant = db.tenants.get(command.tenantId)
  const chat = db.chats.get(keyOf(command.tenantId, command.chatId))
  const sendAfter = command.sendAt === undefined ? now : Date.parse(command.sendAt)
  const giveUp =
    command.expiresAt === undefined
      ? sendAfter + db.waits.horizonSeconds * 1000
      : Date.parse(command.expiresAt)
  if (tenant === undefined || chat === undefined) return refuse('chat-not-found')
  if (chat.status !== 'ACTIVE') return refuse('chat-closed')
  const contact = contactFor(chat.person, command.channel)
  if (contact === undefined) return refuse('contact-missing')
  const sender = senderFor(tenant, contact)
  if (sender === undefined) return refuse('sender-missing')
  if (giveUp <= Math.max(sendAfter, now)) return refuse('send-too-late')
  const wish = { tenant, chat, contact, sender, sendAfter, giveUp }
  const said = saidNow(db, command, wish)
  if ('outcome' in said) return said
  return overLimit(db, command, wish) ?? { ...wish, said }
}

type Wish = Omit<Route, 'said'>

function overLimit(db: MemoryDatabase, command: AcceptMessage, wish: Wish): Refused | undefined {
  if (wish.sendAfter <= db.now() && !hasPortfolioRoom(db, wish, false)) {
    return refuse('unique-users-limit', 3600)
  }
  return countCharged(db, wish.tenant, command) ? undefined : refuse('charged-limit', 86_400)
}

interface Said {
  readonly content: MessageContent
  /** What is left to take the content's place. */
  readonly fallback: TemplateContent | undefined
  readonly fallbackUsed: boolean
}

/** What goes, unless the rules refuse it: the fallback once the window is closed. */
function saidNow(db: MemoryDatabase, command: AcceptMessage, wish: Wish): Said | Refused {
  const { content, fallback, channel } = command
  const isFree = channel === 'WHATSAPP' && content.type !== 'template'
  const isClosed = isFree && wish.sendAfter <= db.now() && !isWindowOpen(db, wish)
  if (isClosed && fallback === undefined && wish.tenant.serviceWindow === 'enforced') {
    return refuse('service-window-closed')
  }
  const said: Said =
    isClosed && fallback !== undefined
      ? { content: fallback, fallback: undefined, fallbackUsed: true }
      : { content, fallback, fallbackUsed: false }
  const code = refusalOf(wish.chat, command, said.content)
  if (code !== undefined) return refuse(code)
  const isTemplate = said.content.type === 'template'
  return isOptedOut(wish.contact, isTemplate) ? refuse('opted-out') : said
}

function refusalOf(
  chat: ChatRow,
  { replyToMessageId, channel }: AcceptMessage,
  content: MessageContent,
): RefusalCode | undefined {
  if (replyToMessageId === undefined) {
    return content.type === 'reaction' ? 'reply-to-missing' : undefined
  }
  const isThere = chat.messages.some(
    (message) => message.messageId === replyToMessageId && message.channel === channel,
  )
  return isThere ? undefined : 'message-not-found'
}

function countCharged(db: MemoryDatabase, tenant: TenantRow, command: AcceptMessage): boolean {
  if (tenant.chargedPerDay === undefined || command.channel !== 'WHATSAPP') return true
  const day = new Date(db.now()).toISOString().slice(0, 10)
  const counted = tenant.chargedDays.get(day) ?? 0
  if (counted >= tenant.chargedPerDay) return false
  tenant.chargedDays.set(day, counted + 1)
  return true
}

function store(db: MemoryDatabase, command: AcceptMessage, route: Route): AcceptAnswer {
  const { chat, sendAfter } = route
  const now = db.now()
  const message = newMessage(db, command, route)
  db.messages.set(keyOf(message.tenantId, message.messageId), message)
  chat.messages.push(message)
  db.audit.status(message, undefined)
  const isSoon = sendAfter <= now + longestDelayMs
  const task = addTask(db, message, {
    type: 'MESSAGE_SEND',
    plannedAt: sendAfter,
    dueAt: sendAfter,
    wokenAt: isSoon ? Math.max(sendAfter, now) : undefined,
  })
  chat.lastMessageId = message.messageId
  chat.lastSequence = message.sequence
  chat.lastActivityAt = now
  chat.updatedAt = now
  if (!chat.channels.includes(command.channel)) chat.channels.push(command.channel)
  const answer = { resourceId: message.messageId, answerStatus: 202 }
  const acceptedAt = keepAnswer(db, command, answer)
  return {
    outcome: 'accepted',
    messageId: message.messageId,
    acceptedAt: new Date(acceptedAt).toISOString(),
    wake: isSoon ? wakeOf(task, now) : undefined,
  }
}

function newMessage(db: MemoryDatabase, command: AcceptMessage, route: Route): MessageRow {
  const { waits } = db
  const now = db.now()
  return {
    tenantId: command.tenantId,
    messageId: db.nextId(),
    chat: route.chat,
    sequence: route.chat.lastSequence + 1,
    direction: 'OUTBOUND',
    channel: command.channel,
    contact: route.contact,
    sender: route.sender,
    ...route.said,
    origin: 'api',
    metadata: undefined,
    editedAt: undefined,
    revokedAt: undefined,
    status: 'QUEUED',
    reason: undefined,
    reasonCode: undefined,
    statusAt: now,
    held: false,
    deliveryPolicy: command.deliveryPolicy ?? route.tenant.deliveryPolicy,
    possibleDuplicate: false,
    outOfOrder: false,
    providerMessageId: undefined,
    replyToMessageId: command.replyToMessageId,
    occurredAt: undefined,
    sendAt: command.sendAt === undefined ? undefined : route.sendAfter,
    expiresAt: route.giveUp,
    reportTtlSeconds: Math.ceil(
      deliveryTtlSeconds(route.said.content, waits.deliveryTtlSeconds) + waits.deliveryGraceSeconds,
    ),
    createdAt: now,
    attempts: [],
    sendTask: undefined,
    checkTask: undefined,
  }
}

type Cancelled = Awaited<ReturnType<MessageStore['cancel']>>

export function cancelMessage(db: MemoryDatabase, wanted: CancelMessage): Cancelled {
  const refused = takeToken(db, { tenantId: wanted.tenantId, clientId: wanted.clientId })
  if (refused !== undefined) return refused
  const message = db.messages.get(keyOf(wanted.tenantId, wanted.messageId))
  if (message?.chat.chatId !== wanted.chatId || message.direction !== 'OUTBOUND') {
    return refuse('message-not-found')
  }
  if (message.status !== 'CANCELLED') {
    if (message.sendTask?.state !== 'PENDING') {
      return refuse('message-claimed')
    }
    changeTask(db, message.sendTask, { state: 'CANCELLED' })
    showStatus(db, message, { status: 'CANCELLED' })
  }
  const now = db.now()
  const patienceMs = db.waits.patienceSeconds * 1000
  const head = laneHead(message.chat, message.channel, { now, patienceMs })
  if (head === undefined) return { outcome: 'cancelled', wakes: [] }
  changeTask(db, head, { wokenAt: now })
  return { outcome: 'cancelled', wakes: [{ ...wakeOf(head, now), inSeconds: 0 }] }
}
