import type { Channel } from './channel.ts'
import type { MessageContent } from './content.ts'
import type { FailureReason } from './failure-reason.ts'

/** One item of a provider's webhook, in our words. Times are ISO 8601 UTC. */
export type ChannelEvent = InboundEvent | StatusEvent | OtherEvent

/** Our own number or mail identity that the event is about; routes it to a tenant. */
export interface SenderAddress {
  readonly phoneNumberId: string
  readonly wabaId: string
}

export interface InboundEvent {
  readonly kind: 'inbound'
  readonly channel: Channel
  readonly sender: SenderAddress
  readonly providerMessageId: string
  readonly from: {
    /** Digits as WhatsApp gives them (`wa_id`), absent for people known by user id only. */
    readonly waId?: string
    /** Business-scoped user id, e.g. `BR.1349…`. */
    readonly userId?: string
    readonly name?: string
  }
  readonly occurredAt: string
  readonly content: MessageContent
  /** Provider id of the message that this one answers. */
  readonly replyTo?: string
}

export interface StatusEvent {
  readonly kind: 'status'
  readonly channel: Channel
  readonly sender: SenderAddress
  readonly providerMessageId: string
  /** `played` counts as READ. */
  readonly status: ReportedStatus
  readonly occurredAt: string
  /** Our attempt id, when the provider echoes it. */
  readonly attemptId?: string
  readonly failure?: {
    readonly code: number
    readonly reason: FailureReason
    readonly title?: string
    readonly detail?: string
  }
}

export type ReportedStatus = 'SENT' | 'DELIVERED' | 'READ' | 'FAILED'

/** A field, type or status we do not read yet: kept raw, never thrown. */
export interface OtherEvent {
  readonly kind: 'other'
  readonly channel: Channel
  readonly sender: Partial<SenderAddress>
  /** Why it was not read, e.g. `unknown-field`, `unknown-status`, `malformed`. */
  readonly reason: string
  readonly raw: unknown
}
