import type { MessageContent } from '../domain/content.ts'
import type { DeliveryResult } from '../domain/delivery.ts'

/** One call to a provider for one delivery attempt. */
export interface DeliveryRequest {
  /** UUID, echoed by the provider's reports, so that a lost answer can be recognised. */
  readonly attemptId: string
  readonly sender: {
    /** Meta's phone number id (Graph node id), not the phone number. */
    readonly phoneNumberId: string
    /** Name of the secret that holds the access token. */
    readonly secretName: string
  }
  /** E.164 with `+`, or a business-scoped user id. */
  readonly recipient: { readonly phone: string } | { readonly userId: string }
  readonly content: MessageContent
  /** What the provider calls the content's files, by our media id. */
  readonly media?: ReadonlyMap<string, string>
  /** Provider id of the message that this one quotes. */
  readonly replyTo?: string
}

/** Carries messages to people. Answers with an outcome; throws only for a bug of ours. */
export interface MessageProvider {
  send(request: DeliveryRequest): Promise<DeliveryResult>
}
