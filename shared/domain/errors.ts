/** Stable codes of what the rules refuse; API clients branch on them. */
export type RefusalCode =
  | 'client-unknown'
  | 'rate-limited'
  | 'chat-not-found'
  | 'chat-closed'
  | 'version-mismatch'
  | 'chat-merged'
  | 'chat-archived'
  | 'person-has-active-chat'
  | 'person-not-found'
  | 'person-merged'
  | 'legal-hold'
  | 'privacy-request-not-found'
  | 'external-id-set'
  | 'external-id-taken'
  | 'opt-out-not-found'
  | 'contact-taken'
  | 'contact-missing'
  | 'sender-missing'
  | 'send-too-late'
  | 'service-window-closed'
  | 'opted-out'
  | 'suppressed'
  | 'mail-paused'
  | 'reply-to-missing'
  | 'media-not-found'
  | 'media-not-ready'
  | TemplateRefusal
  | 'unique-users-limit'
  | 'charged-limit'
  | 'message-not-found'
  | 'message-claimed'
  | 'message-in-flight'
  | 'message-not-ended'
  | 'message-content-gone'
  | 'template-not-found'
  | 'template-sync-limit'
  | 'media-mismatch'
  | 'suppression-not-found'
  | 'expiry-passed'
  | 'invalid-cursor'
  | 'cursor-expired'
  | 'event-not-found'
  | 'business-event-not-found'
  | 'movement-not-found'
  | 'events-not-taken'
  | 'installment-not-found'
  | 'subscription-not-found'
  | 'subscription-paused'
  | 'subscriptions-limit'
  | 'address-refused'
  | 'idempotency-key-mismatch'

/** Why a template must not go; the last two are the caller's to mend, the others Meta's doing. */
type TemplateRefusal =
  | 'template-recategorised'
  | 'template-paused'
  | 'template-disabled'
  | 'template-not-approved'
  | 'template-missing'
  | 'template-parameters'

/** What the client has to mend: fields with their problem, and what was expected instead. */
export interface RefusalDetail {
  readonly expected: Readonly<Record<string, unknown>>
  /** Paths are dotted, e.g. `content.variables.body`. */
  readonly problems: readonly { readonly path: string; readonly message: string }[]
}

/** A broken rule, thrown by use cases and mapped to HTTP in one place. */
export class Refusal extends Error {
  readonly code: RefusalCode
  readonly retryAfterSeconds: number | undefined
  readonly detail: RefusalDetail | undefined

  constructor(code: RefusalCode, retryAfterSeconds?: number, detail?: RefusalDetail) {
    super(code)
    this.name = 'Refusal'
    this.code = code
    this.retryAfterSeconds = retryAfterSeconds
    this.detail = detail
  }
}
