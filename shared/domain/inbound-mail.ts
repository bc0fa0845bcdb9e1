import type { Mailbox } from './email-address.ts'
import type { MailVerdicts } from './email-notice.ts'

/** A mail that somebody wrote to us, read. Texts are well-formed, without control characters. */
export interface InboundMail {
  readonly sesMessageId: string
  /** The sender's Message-ID with its brackets. */
  readonly messageId?: string
  /** As the mail says, proven only by its verdicts; absent when it names no usable address. */
  readonly from?: Mailbox
  /** Of the envelope, in our spelling. */
  readonly recipients: readonly string[]
  readonly subject: string
  /** What was newly written; at most 100 KB of UTF-8. */
  readonly text: string
  /** The rest: what it answers or forwards, and signatures; at most 100 KB of UTF-8. */
  readonly quoted: string
  readonly inReplyTo?: string
  readonly references: readonly string[]
  readonly attachments: readonly MailAttachment[]
  readonly verdicts: MailVerdicts
  readonly automatic?: AutomaticMail
  /** When SES took it; the sender's Date proves nothing. */
  readonly occurredAt: string
  readonly left: LeftOut
}

export interface MailAttachment {
  readonly filename: string
  readonly mimeType: string
  readonly bytes: Uint8Array
  /** Shown within the text, such as a picture of a signature. */
  readonly inline: boolean
}

/**
 * A mail that no person wrote for us, never to be answered by a program: `own` is one of ours
 * that came back, `list` one that went to many.
 */
export type AutomaticMail = 'own' | 'bounce' | 'auto-reply' | 'list'

/** What a mail held beyond our limits. */
interface LeftOut {
  readonly attachments: number
  /** `text` or `quoted` was cut. */
  readonly text: boolean
  /** Parts at the end of the mail were not looked at, or none could be told apart. */
  readonly parts: boolean
}
