/** Stable codes of what the rules refuse; API clients branch on them. */
export type RefusalCode =
  | 'client-unknown'
  | 'rate-limited'
  | 'chat-not-found'
  | 'chat-closed'
  | 'contact-taken'
  | 'contact-missing'
  | 'sender-missing'
  | 'send-too-late'
  | 'unique-users-limit'
  | 'charged-limit'
  | 'message-not-found'
  | 'message-claimed'
  | 'media-not-found'
  | 'media-not-ready'
  | 'media-mismatch'
  | 'invalid-cursor'
  | 'idempotency-key-mismatch'

/** A broken rule, thrown by use cases and mapped to HTTP in one place. */
export class Refusal extends Error {
  readonly code: RefusalCode
  readonly retryAfterSeconds: number | undefined

  constructor(code: RefusalCode, retryAfterSeconds?: number) {
    super(code)
    this.name = 'Refusal'
    this.code = code
    this.retryAfterSeconds = retryAfterSeconds
  }
}
