import type { AccountEvent } from './account-event.ts'
import type { Channel } from './channel.ts'
import type { MediaKind, MessageContent } from './content.ts'
import type { FailureReason } from './failure-reason.ts'
import type { MessageMetadata } from './message-metadata.ts'

/** One item of a provider's webhook, in our words. Times are ISO 8601 UTC. */
export type ChannelEvent =
  | InboundEvent
  | EchoEvent
  | PreferenceEvent
  | StatusEvent
  | AccountEvent
  | OtherEvent

/** Our own number or mail identity that the event is about; routes it to a tenant. */
export interface SenderAddress {
  readonly phoneNumberId: string
  readonly wabaId: string
}

/** How a provider knows a person; at least one of them. */
export interface PersonAddress {
  /** Digits as WhatsApp gives them (`wa_id`), absent for people known by user id only. */
  readonly waId?: string
  /** Business-scoped user id, e.g. `BR.1349…`. */
  readonly userId?: string
  /** User id within the parent business, e.g. `BR.ENT.1349…`. */
  readonly parentUserId?: string
}

export interface InboundEvent {
  readonly kind: 'inbound'
  readonly channel: Channel
  readonly sender: SenderAddress
  readonly providerMessageId: string
  readonly from: PersonAddress & { readonly name?: string }
  readonly occurredAt: string
  readonly content: MessageContent
  /** The file that the content names by its `mediaId`. */
  readonly file?: InboundFile
  readonly metadata?: MessageMetadata
  /** Provider id of the message that this one answers or reacts to. */
  readonly replyTo?: string
  /** The person changed or took back an earlier message. */
  readonly amends?: Amendment
  /**
   * The provider's own word about the person, not theirs: how they are known from now on. It opens
   * no service window, reopens no chat and is not unread.
   */
  readonly nowKnownAs?: PersonAddress
}

/** A file that lies with the provider until it is fetched. */
export interface InboundFile {
  readonly mediaId: string
  readonly kind: MediaKind
  readonly mimeType: string
  /** Base64. */
  readonly sha256?: string
  readonly filename?: string
  readonly providerMediaId: string
}

export type Amendment =
  | { readonly kind: 'revoke'; readonly providerMessageId: string }
  | {
      readonly kind: 'edit'
      readonly providerMessageId: string
      readonly content: MessageContent
      readonly file?: InboundFile
    }

/** What somebody wrote to a person on the business's own phone. */
export interface EchoEvent {
  readonly kind: 'echo'
  readonly channel: Channel
  readonly sender: SenderAddress
  readonly providerMessageId: string
  readonly to: PersonAddress
  readonly occurredAt: string
  readonly content: MessageContent
  readonly file?: InboundFile
  readonly metadata?: MessageMetadata
  readonly replyTo?: string
}

/** A person said at the provider whether they want marketing messages. */
export interface PreferenceEvent {
  readonly kind: 'preference'
  readonly channel: Channel
  readonly sender: SenderAddress
  readonly person: PersonAddress
  readonly wants: boolean
  readonly occurredAt: string
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
  readonly pricing?: Pricing
  readonly failure?: {
    readonly code: number
    readonly reason: FailureReason
    readonly title?: string
    readonly detail?: string
  }
}

export type ReportedStatus = 'SENT' | 'DELIVERED' | 'READ' | 'FAILED'

/** What the provider charges for a message, in its own words, e.g. `utility`, `regular`, `PMP`. */
export interface Pricing {
  readonly category?: string
  readonly type?: string
  readonly model?: string
  readonly billable?: boolean
}

/** A field, type or status we do not read yet: kept raw, never thrown. */
export interface OtherEvent {
  readonly kind: 'other'
  readonly channel: Channel
  readonly sender: Partial<SenderAddress>
  /** Why it was not read, e.g. `unknown-field`, `unknown-status`, `malformed`. */
  readonly reason: string
  readonly raw: unknown
}
