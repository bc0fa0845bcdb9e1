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
  /** Provider id of the message that this one quotes, or that a reaction is put on. */
  readonly replyTo?: string
  /** Our media id → the provider's, for every file that the content shows. */
  readonly media?: ReadonlyMap<string, string>
}

/** Carries messages to people. Answers with an outcome; throws only for a bug of ours. */
export interface MessageProvider {
  send(request: DeliveryRequest): Promise<DeliveryResult>
}
