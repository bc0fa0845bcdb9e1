import type { Channel } from '#shared/domain/channel.ts'
import type { Pricing, ReportedStatus } from '#shared/domain/channel-event.ts'
import type { ChatStatus } from '#shared/domain/chat.ts'
import type { MessageContent } from '#shared/domain/content.ts'
import type { Durations } from '#shared/domain/durations.ts'
import type { DeliveryPolicy, Direction, MessageStatus } from '#shared/domain/message.ts'
import type { MessageMetadata } from '#shared/domain/message-metadata.ts'
import type { TemplateContent } from '#shared/domain/template-content.ts'
import type { Clock } from '#shared/ports/clock.ts'
import type { TaskType } from '#shared/ports/task-queue.ts'
import type { TaskFailure } from '#shared/ports/task-store.ts'
import { type Heap, makeHeap } from './heap.ts'

/** The tables as objects that point at each other; times are milliseconds. */
export interface TenantRow {
  readonly tenantId: string
  deliveryPolicy: DeliveryPolicy
  reopenDays: number
  chargedPerDay: number | undefined
  readonly serviceWindow: 'enforced' | 'left-to-provider'
  readonly chargedDays: Map<string, number>
  readonly senders: SenderRow[]
  readonly chats: ChatRow[]
}

interface ClientRow {
  readonly tenantId: string
  readonly clientId: string
  readonly ratePerSecond: number
  readonly burst: number
  tokens: number
  tokensAt: number
  isDisabled: boolean
}

export interface SenderRow {
  readonly tenantId: string
  readonly senderId: string
  readonly channel: Channel
  readonly phoneNumberId: string
  readonly wabaId: string
  readonly secretName: string
  ratePerSecond: number
  readonly isDefault: boolean
  historyProbe: boolean
  portfolio: PortfolioRow | undefined
  pace: SenderPace | undefined
  readonly pairs: Map<string, PairPace>
}

interface PortfolioRow {
  readonly uniqueUsersLimit: number | undefined
  readonly contacts: Map<string, number>
  readonly hours: Map<number, number>
}

export interface SenderPace {
  nextSlotAt: number
  breaker: 'CLOSED' | 'OPEN' | 'HALF_OPEN'
  failures: number
  openings: number
  openUntil: number | undefined
}

interface PairPace {
  arrivalAt: number
  strikes: number
  silentUntil: number | undefined
}

export interface PersonRow {
  readonly tenantId: string
  readonly personId: string
  externalId: string | undefined
  name: string | undefined
  contacts: ContactRow[]
  chats: ChatRow[]
}

export type IdentityKind = 'phone' | 'user-id' | 'parent-user-id' | 'email'

export interface ContactRow {
  readonly contactId: string
  readonly channel: Channel
  person: PersonRow
  readonly identities: {
    readonly kind: IdentityKind
    readonly value: string
    isSuperseded?: boolean
  }[]
  /** When it last wrote to which sender. */
  readonly wroteTo: Map<string, number>
  readonly optOuts: Map<string, { optedOutAt: number; restoredAt: number | undefined }>
}

export interface ChatRow {
  readonly tenantId: string
  readonly chatId: string
  person: PersonRow
  status: ChatStatus
  lastMessageId: string | undefined
  channels: Channel[]
  unreadCount: number
  lastSequence: number
  mergedIntoChatId: string | undefined
  lastActivityAt: number
  readonly createdAt: number
  updatedAt: number
  readonly messages: MessageRow[]
  /** Sends that are PENDING or CLAIMED, by sequence. */
  readonly lanes: Map<Channel, TaskRow[]>
}

export interface MessageRow {
  readonly tenantId: string
  readonly messageId: string
  readonly chat: ChatRow
  readonly sequence: number
  readonly direction: Direction
  readonly channel: Channel
  contact: ContactRow
  readonly sender: SenderRow | undefined
  content: MessageContent | undefined
  /** The product's own messages are exempt from opt-outs. */
  readonly origin: 'api' | 'automatic' | 'business-app'
  /** A template that goes instead once the service window is closed. */
  fallback: TemplateContent | undefined
  fallbackUsed: boolean
  metadata: MessageMetadata | undefined
  editedAt: number | undefined
  revokedAt: number | undefined
  status: MessageStatus
  reason: string | undefined
  reasonCode: number | undefined
  statusAt: number
  held: boolean
  readonly deliveryPolicy: DeliveryPolicy
  possibleDuplicate: boolean
  outOfOrder: boolean
  readonly providerMessageId: string | undefined
  readonly replyToMessageId: string | undefined
  readonly occurredAt: string | undefined
  readonly sendAt: number | undefined
  readonly expiresAt: number | undefined
  reportTtlSeconds: number
  readonly createdAt: number
  readonly attempts: AttemptRow[]
  sendTask: TaskRow | undefined
  checkTask: TaskRow | undefined
}

type TaskState = 'PENDING' | 'CLAIMED' | 'DONE' | 'CANCELLED' | 'DEAD'

export interface TaskRow {
  readonly tenantId: string
  readonly taskId: string
  readonly type: TaskType
  readonly message: MessageRow
  state: TaskState
  plannedAt: number | undefined
  dueAt: number
  wokenAt: number | undefined
  claimToken: string | undefined
  leaseUntil: number
  fence: number
  attempts: number
  firstAttemptAt: number | undefined
  slotAt: number | undefined
  reason: string | undefined
  isProbed: boolean
  /** To the other spelling of the recipient's number. */
  isVariant: boolean
  /** The index entry that still counts. */
  entry: number
}

export type AttemptOutcome =
  | 'CALLING'
  | 'ACCEPTED'
  | 'REJECTED'
  | 'NOT_CALLED'
  | 'UNKNOWN'
  | 'ABANDONED'

export interface AttemptRow {
  readonly attemptId: string
  readonly message: MessageRow
  readonly number: number
  outcome: AttemptOutcome
  providerMessageId: string | undefined
  reportedStatus: ReportedStatus | undefined
  reason: string | undefined
  reasonCode: number | undefined
  readonly claimedAt: number
  resolvedAt: number | undefined
}

export interface ReportRow {
  readonly tenantId: string
  readonly channel: Channel
  readonly providerMessageId: string
  readonly status: ReportedStatus
  readonly attemptId: string | undefined
  readonly reason: string | undefined
  readonly reasonCode: number | undefined
  readonly pricing: Pricing | undefined
  readonly occurredAt: number
  message: MessageRow | undefined
}

export interface KeyRow {
  readonly body: string
  readonly resourceId: string
  readonly answerStatus: number
  readonly acceptedAt: number
  readonly expiresAt: number
}

/** Told of every change that the invariants judge, as a trigger would be. */
export interface Audit {
  status(message: MessageRow, from: MessageStatus | undefined): void
  outcome(attempt: AttemptRow, from: AttemptOutcome | undefined): void
}

export interface MemoryDatabase {
  readonly now: () => number
  readonly waits: Durations
  readonly audit: Audit
  readonly nextId: () => string
  readonly tenants: Map<string, TenantRow>
  readonly clients: Map<string, ClientRow>
  readonly senders: Map<string, SenderRow>
  readonly persons: PersonRow[]
  readonly personsByExternalId: Map<string, PersonRow>
  readonly identities: Map<string, ContactRow>
  readonly chats: Map<string, ChatRow>
  readonly messages: Map<string, MessageRow>
  readonly inbound: Map<string, MessageRow>
  readonly tasks: Map<string, TaskRow>
  readonly attempts: Map<string, AttemptRow>
  readonly attemptsByProviderId: Map<string, AttemptRow>
  readonly reports: Map<string, ReportRow>
  readonly reportsByProviderId: Map<string, ReportRow[]>
  readonly keys: Map<string, KeyRow>
  readonly parked: Map<string, { readonly tenantId: string; readonly reason: string }>
  readonly news: Set<string>
  readonly failures: Map<string, TaskFailure>
  /** PENDING tasks by the time at which the relay may wake them. */
  readonly wakeable: Heap<{ readonly task: TaskRow; readonly entry: number }>
  /** CLAIMED tasks by the end of their lease. */
  readonly leased: Heap<{ readonly task: TaskRow; readonly entry: number }>
}

/** An empty database on this clock. */
export function makeMemoryDatabase(parts: {
  clock: Clock
  waits: Durations
  audit: Audit
}): MemoryDatabase {
  let issued = 0
  return {
    now: () => parts.clock.now(),
    waits: parts.waits,
    audit: parts.audit,
    nextId: () => {
      issued += 1
      return String(issued)
    },
    tenants: new Map(),
    clients: new Map(),
    senders: new Map(),
    persons: [],
    personsByExternalId: new Map(),
    identities: new Map(),
    chats: new Map(),
    messages: new Map(),
    inbound: new Map(),
    tasks: new Map(),
    attempts: new Map(),
    attemptsByProviderId: new Map(),
    reports: new Map(),
    reportsByProviderId: new Map(),
    keys: new Map(),
    parked: new Map(),
    news: new Set(),
    failures: new Map(),
    wakeable: makeHeap(),
    leased: makeHeap(),
  }
}

/** Rows of one tenant only: ids of others do not exist for it. */
export function keyOf(...parts: readonly (string | undefined)[]): string {
  return parts.join('\u0001')
}
