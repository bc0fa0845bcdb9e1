import type { FailureReason } from './failure-reason.ts'

/**
 * What a provider answered to one delivery attempt. A provider never throws for an answer.
 * `unknown` is everything after the first request byte that ended without a parsed answer:
 * the message may have been taken, so it is never retried blindly.
 */
export type DeliveryResult =
  | {
      readonly outcome: 'accepted'
      readonly providerMessageId: string
      /** The provider holds it back for a quality check; it may still be dropped. */
      readonly held: boolean
      /** The recipient's id as the provider resolved it; may differ from what we dialled. */
      readonly waId?: string
    }
  /** Permanent for this message: not retried. */
  | { readonly outcome: 'rejected'; readonly reason: FailureReason; readonly code?: number }
  /** Told to wait. `pair`: only this recipient; `sender`: everything from this number. */
  | {
      readonly outcome: 'throttled'
      readonly scope: 'pair' | 'sender'
      readonly retryAfterSeconds?: number
      readonly code?: number
    }
  /**
   * Certainly not sent. `provider`: an outage, back off; `sender`: ours to fix (token, payment,
   * permission), nothing from this sender will go until somebody acts.
   */
  | {
      readonly outcome: 'unavailable'
      readonly scope: 'provider' | 'sender'
      readonly reason: FailureReason
      readonly code?: number
      /** Give up once this many attempts ended so; absent: as long as the message may wait. */
      readonly maxAttempts?: number
    }
  | { readonly outcome: 'unknown'; readonly detail: UnknownDetail }

/** How the answer was lost; kept for operators, never free text from a provider. */
type UnknownDetail =
  | 'timeout'
  | 'connection-lost'
  | 'unreadable-answer'
  | 'server-error'
  | 'lease-expired'
