import type { Author } from '../domain/author.ts'
import type { EmailContent } from '../domain/content.ts'
import type { Mailbox } from '../domain/email-address.ts'
import type { MailReceipt } from '../domain/email-notice.ts'
import type { AutomaticMail } from '../domain/inbound-mail.ts'
import type { MailTrust } from '../domain/mail-trust.ts'
import type { MediaKind } from '../domain/media.ts'
import type { MessageMetadata } from '../domain/message-metadata.ts'
import type { OptOutWord } from '../domain/opt-out.ts'
import type { Wake } from './task-queue.ts'

/** Where a mail lies, and how SES took it in. */
export interface MailSource {
  readonly bucket: string
  readonly objectKey: string
  readonly receipt: MailReceipt
}

/** An attachment whose bytes lie in the bucket already, at `objectKey(tenantId, mediaId)`. */
export interface AttachedMedia {
  readonly mediaId: string
  readonly kind: MediaKind
  readonly mimeType: string
  readonly sizeBytes: number
  readonly sha256: Uint8Array
  readonly filename: string
}

/** A mail for one tenant. */
export interface RoutedMail {
  readonly tenantId: string
  /** Our identity that it was written to. */
  readonly senderId: string
  readonly source: MailSource
  /** Message-ID of its header. */
  readonly mailId?: string
  readonly from?: Mailbox
  /** By these an erasure finds the raw mail. */
  readonly authors: readonly Author[]
  /** Of chats of this tenant, the strongest first. */
  readonly tokens: readonly string[]
  /** Message-IDs that it names, the one that it answers first. */
  readonly answers: readonly string[]
  readonly trust: MailTrust
  readonly automatic?: AutomaticMail
  readonly content: EmailContent
  readonly metadata: MessageMetadata
  readonly files: readonly AttachedMedia[]
  readonly optOut?: {
    readonly word: OptOutWord
    /** What the person is told in answer, when the word changed something. */
    readonly confirmation: EmailContent | undefined
  }
}

/** A mail that is nobody's, or that nobody may see: kept by where it lies. */
export interface ParkedMail {
  readonly tenantId: string
  readonly reason: string
  /** The body as it came, when it is no notice of SES. */
  readonly source: MailSource | string
  /** Of a tenant, and only then: the raw mail is noted as one that they may have written. */
  readonly authors?: readonly Author[]
}

export interface MailsStored {
  readonly stored: number
  readonly copies: number
  readonly parked: number
  readonly wakes: readonly Wake[]
}

/** The rows of inbound mails. */
export interface MailStore {
  /**
   * One database call; all of it or nothing; a copy changes nothing. A mail that belongs to no chat and
   * may open none is parked. Throws ItemRefused when its values can never be stored.
   */
  store(mail: {
    readonly mails: readonly RoutedMail[]
    readonly parked: readonly ParkedMail[]
  }): Promise<MailsStored>
}
