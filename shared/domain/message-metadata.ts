import type { Mailbox } from './email-address.ts'
import type { MailVerdicts } from './email-notice.ts'
import type { AutomaticMail } from './inbound-mail.ts'

/** What came along with a message and is not its content. Sealed as JSON at rest. */
export interface MessageMetadata {
  readonly forwarded?: boolean
  /** Forwarded many times over. */
  readonly frequentlyForwarded?: boolean
  /** The advertisement or post that led the person to write. */
  readonly referral?: Referral
  /** The product of a catalogue that the message is about. */
  readonly referredProduct?: { readonly catalogId?: string; readonly productRetailerId?: string }
  /** Of a mail: who wrote it, as it says; may be another one than the chat's contact. */
  readonly from?: Mailbox
  /** Of a mail: a program wrote it. It is not unread and is never answered by one of ours. */
  readonly automatic?: AutomaticMail
  /** Of a mail: nothing vouches for its author. */
  readonly unverified?: true
  /** Of a mail: what SES found about it. */
  readonly verdicts?: MailVerdicts
  /** Of a mail: something of it went beyond our limits and is not shown. */
  readonly isCut?: true
}

interface Referral {
  readonly sourceUrl?: string
  readonly sourceId?: string
  /** `ad` or `post`. */
  readonly sourceType?: string
  readonly headline?: string
  readonly body?: string
  readonly mediaType?: string
  readonly imageUrl?: string
  readonly videoUrl?: string
  readonly thumbnailUrl?: string
  /** Id of the click, for reporting conversions. */
  readonly clickId?: string
  readonly welcomeText?: string
}
