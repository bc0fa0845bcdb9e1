/** What the rules go by when they judge a message, as it stands at this moment. Times are ISO 8601. */
export interface MessageFacts {
  /** Whether the person has a contact on the channel, and the tenant a sender. */
  readonly contactKnown: boolean
  readonly senderKnown: boolean
  /** Of WhatsApp: of the contact and sender that a send would use. */
  readonly serviceWindow?: {
    readonly open: boolean
    readonly expiresAt?: string
    /** Whether the product refuses what it closes out, or leaves that to the provider. */
    readonly enforced: boolean
  }
  /** The template that was asked for, as content or as fallback, and what is known of it. */
  readonly template?: {
    readonly name: string
    readonly language: string
    readonly category?: string
    readonly acceptedCategory?: string
    readonly status?: string
  }
  readonly optOuts: readonly { readonly category: string; readonly optedOutAt: string }[]
  /** Whether one of them stands against this message. */
  readonly optedOut: boolean
  readonly limits: {
    readonly uniqueUsers?: { readonly limit: number; readonly room: boolean }
    readonly chargedMessages?: { readonly limit: number; readonly left: number }
  }
  /** What a send would have to wait for. */
  readonly holds: readonly {
    readonly reason: 'breaker-open' | 'throughput' | 'pair-pace'
    readonly until: string
  }[]
}
