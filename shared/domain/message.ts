import type { Channel } from './channel.ts'
import type { Pricing } from './channel-event.ts'
import type { MessageContent } from './content.ts'
import type { FailureClass } from './failure-reason.ts'
import type { MessageMetadata } from './message-metadata.ts'

export type Direction = 'INBOUND' | 'OUTBOUND'
/** Who made an outbound message: a client, the product itself, or somebody at the business's phone. */
type Origin = 'api' | 'automatic' | 'business-app'
export type DeliveryPolicy = 'at-least-once' | 'at-most-once'

/** What the API shows of a message's way; no others exist. */
export const messageStatuses = [
  'QUEUED',
  'SENDING',
  'SENT',
  'DELIVERED',
  'READ',
  'FAILED',
  'UNKNOWN',
  'EXPIRED',
  'CANCELLED',
  'RECEIVED',
] as const
export type MessageStatus = (typeof messageStatuses)[number]

/** A message as it is read back. Ids are decimal strings, times ISO 8601 UTC. */
export interface Message {
  readonly messageId: string
  readonly chatId: string
  readonly sequence: string
  readonly direction: Direction
  readonly channel: Channel
  readonly origin: Origin
  readonly status: MessageStatus
  readonly reason: string | undefined
  /** The provider's own code behind the reason. */
  readonly reasonCode: number | undefined
  /** Of FAILED: what the failure asks for. */
  readonly failureClass: FailureClass | undefined
  readonly statusAt: string
  readonly held: boolean
  readonly possibleDuplicate: boolean
  readonly outOfOrder: boolean
  /** A template waits to take the content's place, should the service window close. */
  readonly fallbackWaits: boolean
  /** A template went, or will go, in place of what was written: the service window was closed. */
  readonly fallbackUsed: boolean
  readonly deliveryPolicy: DeliveryPolicy
  /** Undefined once deleted, erased or taken back. */
  readonly content: MessageContent | undefined
  readonly metadata: MessageMetadata | undefined
  /** When the person last changed what they wrote, in the provider's time. */
  readonly editedAt: string | undefined
  /** When the person took it back. */
  readonly revokedAt: string | undefined
  /** Of the newest report that tells it. */
  readonly pricing: Pricing | undefined
  readonly replyToMessageId: string | undefined
  /** The message that this one sends again. */
  readonly resendOfMessageId: string | undefined
  /** When a client deleted it: what remains is its place in the thread. */
  readonly deletedAt: string | undefined
  readonly sendAt: string | undefined
  readonly expiresAt: string | undefined
  readonly occurredAt: string | undefined
  readonly createdAt: string
}

/** UNKNOWN for good: nothing will be tried or asked any more. */
export const UNRESOLVED = 'unresolved'
