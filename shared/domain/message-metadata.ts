/** What came along with a message and is not its content. Sealed as JSON at rest. */
export interface MessageMetadata {
  readonly forwarded?: boolean
  /** Forwarded many times over. */
  readonly frequentlyForwarded?: boolean
  /** The advertisement or post that led the person to write. */
  readonly referral?: Referral
  /** The product of a catalogue that the message is about. */
  readonly referredProduct?: { readonly catalogId?: string; readonly productRetailerId?: string }
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
