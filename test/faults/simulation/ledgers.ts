import type { ReportedStatus } from '#shared/domain/channel-event.ts'
import type { PrivacyKind } from '#shared/domain/privacy.ts'

/** What a client asked and what it was told: ledger A. */
export interface PostEntry {
  readonly key: string
  readonly tenantId: string
  readonly chatId: string
  readonly postedAt: number
  readonly isAtMostOnce: boolean
  readonly sendAt: number | undefined
  readonly answers: PostAnswer[]
  cancelledAt: number | undefined
}

export interface PostAnswer {
  readonly at: number
  readonly outcome: 'accepted' | 'refused' | 'lost'
  readonly messageId: string | undefined
  readonly acceptedAt: string | undefined
  readonly code: string | undefined
  /** Sent under the same key with another body: must be refused. */
  readonly isOtherBody: boolean
}

/** A call that the provider received: ledger P. */
export interface ProviderCall {
  readonly attemptId: string
  readonly phoneNumberId: string
  readonly to: string
  /** When the product placed it, when it arrived, and when it was answered. */
  readonly placedAt: number
  readonly at: number
  readonly answeredAt: number
  readonly isAccepted: boolean
  readonly answer: string
  readonly providerMessageId: string | undefined
}

/** An event that the provider emitted, and whether we took it: ledger E. */
export interface StatusEntry {
  readonly kind: 'status'
  readonly providerMessageId: string
  readonly attemptId: string
  readonly phoneNumberId: string
  readonly status: ReportedStatus
  readonly at: number
  takenAt: number | undefined
}

interface InboundEntry {
  readonly kind: 'inbound'
  readonly providerMessageId: string
  readonly phoneNumberId: string
  readonly from: string
  readonly at: number
  takenAt: number | undefined
}

/** What a person asked for, and the request that was answered. */
export interface WishEntry {
  readonly kind: PrivacyKind
  readonly tenantId: string
  readonly chatId: string
  readonly personId: string
  readonly phone: string
  readonly askedAt: number
  requestId: string | undefined
}

export type EmittedEvent = StatusEntry | InboundEntry

/** Kept outside the product. */
export interface Ledgers {
  readonly posts: PostEntry[]
  readonly calls: ProviderCall[]
  readonly events: EmittedEvent[]
  readonly wishes: WishEntry[]
  /** Bodies put on queues that no code can read. */
  readonly planted: { readonly queue: string; readonly body: string }[]
  readonly alerts: Map<string, number>
}

export function emptyLedgers(): Ledgers {
  return { posts: [], calls: [], events: [], wishes: [], planted: [], alerts: new Map() }
}
