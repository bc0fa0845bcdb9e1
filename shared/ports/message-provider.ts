import type { MessageContent } from '../domain/content.ts'
import type { DeliveryResult } from '../domain/delivery.ts'

/** Our own WhatsApp number. */
export interface NumberSender {
  /** Meta's phone number id (Graph node id), not the phone number. */
  readonly phoneNumberId: string
  /** Name of the secret that holds the access token. */
  readonly secretName: string
}

/** Our own mail identity, and the thread that a mail of it continues. */
export interface MailSender {
  readonly from: { readonly address: string; readonly name?: string }
  /** Undefined: answers go to `from` and nobody here reads them. */
  readonly replyDomain?: string
  readonly configurationSet?: string
  /** Where this person unsubscribes with one click. */
  readonly unsubscribeUrl?: string
  /** An answer of the product's own, such as the confirmation of an opt-out. */
  readonly automatic?: boolean
  readonly thread: {
    /** Names the chat in the address that answers go to. */
    readonly token: string
    /** Newest last: the Message-ID of an inbound mail, or what the provider called one of ours. */
    readonly ids: readonly ({ readonly header: string } | { readonly provider: string })[]
  }
}

/** A file that a message shows or attaches. */
export interface AttachedFile {
  readonly mediaId: string
  readonly objectKey: string
  readonly mimeType: string
  readonly filename: string | undefined
  readonly sizeBytes: number
}

interface Delivery {
  /** UUID, echoed by the provider's reports, so that a lost answer can be recognised. */
  readonly attemptId: string
  readonly content: MessageContent
}

/** One call to a provider for one delivery attempt. */
export interface DeliveryRequest extends Delivery {
  readonly sender: NumberSender
  /** E.164 with `+`, or a business-scoped user id. */
  readonly recipient: { readonly phone: string } | { readonly userId: string }
  /** Provider id of the message that this one quotes, or that a reaction is put on. */
  readonly replyTo?: string
  /** Our media id → the provider's, for every file that the content shows. */
  readonly media?: ReadonlyMap<string, string>
}

export interface MailRequest extends Delivery {
  readonly tenantId: string
  readonly sender: MailSender
  readonly recipient: { readonly email: string }
  readonly files: readonly AttachedFile[]
}

/** Carries messages to people. Answers with an outcome; throws only for a bug of ours. */
export interface MessageProvider<R = DeliveryRequest> {
  send(request: R): Promise<DeliveryResult>
}
