import type { DeliveryResult } from '../domain/delivery.ts'
import type { Mailbox } from '../domain/email-address.ts'

/** One mail to one recipient, for one delivery attempt. */
export interface EmailDelivery {
  /** UUID, echoed by the provider's events as a tag. */
  readonly attemptId: string
  readonly tenantId: string
  readonly from: Mailbox
  readonly to: Mailbox
  /** Address with the chat's token. */
  readonly replyTo?: string
  /** One line. */
  readonly subject: string
  readonly text: string
  readonly html?: string
  readonly attachments: readonly EmailAttachment[]
  readonly messageRefs: {
    /** Message ids with their brackets. */
    readonly inReplyTo?: string
    /** Oldest first; the first and the last ten go, within 995 characters. */
    readonly references: readonly string[]
  }
  /** Where a POST without cookies unsubscribes (RFC 8058); https. */
  readonly unsubscribe?: { readonly url: string }
  /** An answer that no person wrote: no program answers it (RFC 3834). */
  readonly automatic?: boolean
  /** Without one SES publishes no events. */
  readonly configurationSet?: string
}

export interface EmailAttachment {
  readonly filename: string
  readonly mimeType: string
  readonly bytes: Uint8Array
}

/** Carries mails to people. Answers with an outcome; throws only for a bug of ours. */
export interface EmailProvider {
  send(delivery: EmailDelivery): Promise<DeliveryResult>
}
