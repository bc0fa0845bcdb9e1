import type { FailureReason } from './failure-reason.ts'

/** One thing that SES told of a mail, of one recipient. Times are ISO 8601 UTC. */
export type EmailNotice =
  | EmailStatusNotice
  | ComplaintNotice
  | DelayNotice
  | OpenNotice
  | ClickNotice
  | SubscriptionNotice
  | ReceivedNotice
  | IgnoredNotice

/** The mail that a notice is about. */
export interface NoticedMail {
  /** SES's MessageId, as it answered the send. */
  readonly providerMessageId: string
  /** Our tags, when the mail carried them. */
  readonly attemptId?: string
  readonly tenantId?: string
  /** Lower case, ASCII domain; absent when SES does not say whom. */
  readonly recipient?: string
  readonly occurredAt: string
}

/**
 * `FAILED` is soft: a delivery outweighs it, whenever it comes. `HARD_FAILED` outweighs a delivery.
 * Further apart from each other than the API shows: there both are FAILED.
 */
export type EmailReportedStatus = 'SENT' | 'DELIVERED' | 'FAILED' | 'HARD_FAILED'

/** Why nothing more may go to an address. */
export type SuppressionCause = 'hard-bounce' | 'complaint' | 'provider-list' | 'unsubscribed'

export interface EmailStatusNotice extends NoticedMail {
  readonly kind: 'status'
  readonly status: EmailReportedStatus
  readonly reason?: FailureReason
  /** SES's own words in clear, e.g. `Permanent/NoEmail 5.1.1`. */
  readonly code?: string
  /** What the recipient's server said; may quote the address, so it is to be sealed. */
  readonly detail?: string
  readonly suppress?: SuppressionCause
}

/** The recipient reported the mail as spam. Its status stays what it is. */
interface ComplaintNotice extends NoticedMail {
  readonly kind: 'complaint'
  /** In the words of the feedback: `abuse`, `fraud`, …; `not-spam` asks for nothing. */
  readonly complaintType?: string
  readonly suppress?: SuppressionCause
}

interface DelayNotice extends NoticedMail {
  readonly kind: 'delay'
  /** SES's word, e.g. `MailboxFull`. */
  readonly delayType?: string
  /** When SES gives up. */
  readonly expiresAt?: string
}

/** A picture was fetched, by a person or by a program before anybody looked: never READ by itself. */
interface OpenNotice extends NoticedMail {
  readonly kind: 'open'
}

interface ClickNotice extends NoticedMail {
  readonly kind: 'click'
  readonly link?: string
}

/** The recipient changed at SES what they want to get. */
export interface SubscriptionNotice extends NoticedMail {
  readonly kind: 'subscription'
  readonly contactList?: string
  readonly unsubscribedFromAll: boolean
  readonly topics: readonly { readonly name: string; readonly wants: boolean }[]
}

/** A mail came in and lies in S3. */
export interface ReceivedNotice {
  readonly kind: 'received'
  readonly receipt: MailReceipt
  readonly bucket: string
  readonly objectKey: string
}

/** What asks for nothing, and why. */
export interface IgnoredNotice {
  readonly kind: 'ignored'
  readonly reason:
    | 'not-json'
    | 'not-a-notification'
    | 'subscription-confirmation'
    | 'setup-object'
    | 'no-object'
    | 'unknown-type'
    | 'malformed'
    /** It did not come by the topic that feeds the queue. */
    | 'topic-unknown'
  /** The type that we do not know. */
  readonly type?: string
}

/** What SES found about a mail; it drops none for it. `UNKNOWN` is what it did not tell. */
type Verdict = 'PASS' | 'FAIL' | 'GRAY' | 'PROCESSING_FAILED' | 'DISABLED' | 'UNKNOWN'

export interface MailVerdicts {
  readonly spam: Verdict
  readonly virus: Verdict
  readonly spf: Verdict
  readonly dkim: Verdict
  readonly dmarc: Verdict
  /** What the sender's domain asks for; told only when DMARC failed. */
  readonly dmarcPolicy?: 'none' | 'quarantine' | 'reject'
}

/** How SES took a mail in. */
export interface MailReceipt {
  /** SES's id: tells copies of the notification apart, unlike the sender's Message-ID. */
  readonly sesMessageId: string
  /** Of the envelope; absent for what has no sender, as bounces have. */
  readonly returnPath?: string
  /** Of the envelope, in our spelling. */
  readonly recipients: readonly string[]
  readonly verdicts: MailVerdicts
  readonly occurredAt: string
}
