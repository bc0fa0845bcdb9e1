import type { DeliveryPolicy, Direction, MessageStatus } from '#shared/domain/message.ts'
import type { PrivacyKind } from '#shared/domain/privacy.ts'

/** The rows of a system under fire, for the invariants; times in milliseconds. */
export interface Rows {
  readonly now: number
  readonly messages: readonly MessageFacts[]
  readonly attempts: readonly AttemptFacts[]
  readonly tasks: readonly TaskFacts[]
  readonly reports: readonly {
    readonly providerMessageId: string
    readonly status: string
    readonly messageId: string | undefined
  }[]
  readonly chats: readonly ChatFacts[]
  readonly failures: readonly {
    readonly queue: string
    readonly queueMessageId: string
    readonly reason: string
  }[]
  /** In the order in which they happened. */
  readonly statusHistory: readonly StatusChange[]
  readonly attemptHistory: readonly {
    readonly attemptId: string
    readonly to: string
    readonly at: number
  }[]
  /** Undefined: the stores know nothing of it. */
  readonly upkeep?: UpkeepFacts
}

/** What the rules of erasures and cleanups judge. */
export interface UpkeepFacts {
  readonly requests: readonly {
    readonly tenantId: string
    readonly requestId: string
    readonly personId: string
    readonly kind: PrivacyKind
    readonly state: string
    readonly reason: string | null
    readonly objectKey: string | null
  }[]
  readonly erased: readonly ErasedPerson[]
  /** Each message of a person as it was stored, whatever became of it since. */
  readonly inbound: readonly {
    readonly providerMessageId: string
    readonly messageId: string
    readonly chatId: string
    readonly at: number
  }[]
  readonly chatChanges: readonly ChatChange[]
  /** How often others were told that a chat was closed. */
  readonly closings: readonly { readonly chatId: string; readonly times: number }[]
  /** What lies in the bucket of files. */
  readonly keys: readonly string[]
  /** Requests in the ledger outside the database. */
  readonly ledger: readonly string[]
  /** What erased persons are answered who ask for a copy. */
  readonly copies: readonly { readonly personId: string; readonly answer: string }[]
}

export interface ErasedPerson {
  readonly personId: string
  readonly erasedAt: number
  /** Counts by what was left. */
  readonly leftovers: Readonly<Record<string, number>>
}

/** A chat that was closed or archived, and when something had last happened in it. */
export interface ChatChange {
  readonly chatId: string
  readonly personId: string
  readonly to: string
  readonly at: number
  readonly lastActivityAt: number
}

export interface MessageFacts {
  readonly messageId: string
  readonly chatId: string
  readonly sequence: number
  readonly direction: Direction
  readonly status: MessageStatus
  readonly reason: string | undefined
  readonly deliveryPolicy: DeliveryPolicy
  readonly possibleDuplicate: boolean
  readonly outOfOrder: boolean
  readonly providerMessageId: string | undefined
  readonly createdAt: number
  readonly expiresAt: number | undefined
  readonly reportTtlSeconds: number
}

export interface AttemptFacts {
  readonly attemptId: string
  readonly messageId: string
  readonly number: number
  readonly outcome: string
  readonly providerMessageId: string | undefined
  readonly claimedAt: number
  readonly resolvedAt: number | undefined
}

export interface TaskFacts {
  readonly taskId: string
  readonly type: string
  readonly messageId: string
  readonly state: string
  readonly dueAt: number
  readonly leaseUntil: number | undefined
}

export interface ChatFacts {
  readonly tenantId: string
  readonly chatId: string
  readonly personId: string
  readonly status: string
  readonly lastMessageId: string | undefined
  readonly unreadCount: number
  readonly lastSequence: number
}

export interface StatusChange {
  readonly messageId: string
  readonly from: MessageStatus | undefined
  readonly to: MessageStatus
  readonly at: number
}
