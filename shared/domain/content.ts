import type { NamedTemplateContent } from './message-template.ts'
import type { TemplateContent } from './template-content.ts'

/** What a message says. Sealed as JSON at rest; `type` is the discriminator everywhere. */
export type MessageContent = OutboundContent | InboundOnlyContent

/** What a client can send. */
export type OutboundContent =
  | TextContent
  | TemplateContent
  | NamedTemplateContent
  | MediaContent
  | LocationContent
  | ContactsContent
  | ReactionContent
  | InteractiveContent
  | EmailContent

/** What only people send, or what we keep of it. */
type InboundOnlyContent =
  | ReplyContent
  | OrderContent
  | SystemContent
  | UnsupportedContent
  | RawContent

interface TextContent {
  readonly type: 'text'
  readonly text: string
  readonly previewUrl?: boolean
}

export type MediaKind = 'image' | 'video' | 'audio' | 'document' | 'sticker'

/** A file by its id with us; its bytes lie in S3, never in the message. */
interface MediaContent {
  readonly type: MediaKind
  readonly mediaId: string
  /** Not on audio and stickers. */
  readonly caption?: string
  /** Documents. */
  readonly filename?: string
  /** Audio recorded as a voice message. */
  readonly voice?: boolean
}

/** A mail, also one that came in. What was quoted in it stands apart from what was written. */
export interface EmailContent {
  readonly type: 'email'
  readonly subject: string
  readonly text: string
  readonly html?: string
  readonly quotedText?: string
  readonly attachments?: readonly MailAttachment[]
  /** `marketing` carries a way to unsubscribe with one click. Default `transactional`. */
  readonly category?: 'transactional' | 'marketing'
}

export interface MailAttachment {
  readonly mediaId: string
  readonly filename?: string
}

export interface LocationContent {
  readonly type: 'location'
  readonly latitude: number
  readonly longitude: number
  readonly name?: string
  readonly address?: string
}

interface ContactsContent {
  readonly type: 'contacts'
  readonly contacts: readonly ContactCard[]
}

/** A business card as WhatsApp shares it. */
export interface ContactCard {
  readonly name: {
    readonly formattedName: string
    readonly firstName?: string
    readonly lastName?: string
    readonly middleName?: string
    readonly prefix?: string
    readonly suffix?: string
  }
  readonly phones?: readonly {
    readonly phone: string
    readonly type?: string
    readonly waId?: string
  }[]
  readonly emails?: readonly { readonly email: string; readonly type?: string }[]
  readonly urls?: readonly { readonly url: string; readonly type?: string }[]
  readonly addresses?: readonly {
    readonly street?: string
    readonly city?: string
    readonly state?: string
    readonly zip?: string
    readonly country?: string
    readonly countryCode?: string
    readonly type?: string
  }[]
  readonly org?: {
    readonly company?: string
    readonly department?: string
    readonly title?: string
  }
  /** `YYYY-MM-DD`. */
  readonly birthday?: string
}

/** An emoji on the message that this one replies to; an empty one takes it back. */
interface ReactionContent {
  readonly type: 'reaction'
  readonly emoji: string
}

export type InteractiveContent = ButtonsContent | ListContent | LinkContent

export type InteractiveHeader =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image' | 'video'; readonly mediaId: string }
  | { readonly type: 'document'; readonly mediaId: string; readonly filename?: string }

interface ButtonsContent {
  readonly type: 'interactive'
  readonly kind: 'buttons'
  readonly header?: InteractiveHeader
  readonly body: string
  readonly footer?: string
  readonly buttons: readonly { readonly id: string; readonly title: string }[]
}

interface ListContent {
  readonly type: 'interactive'
  readonly kind: 'list'
  readonly header?: { readonly type: 'text'; readonly text: string }
  readonly body: string
  readonly footer?: string
  /** What opens the list. */
  readonly button: string
  readonly sections: readonly {
    readonly title?: string
    readonly rows: readonly {
      readonly id: string
      readonly title: string
      readonly description?: string
    }[]
  }[]
}

/** One button that opens a page. */
interface LinkContent {
  readonly type: 'interactive'
  readonly kind: 'cta_url'
  readonly header?: InteractiveHeader
  readonly body: string
  readonly footer?: string
  readonly displayText: string
  readonly url: string
}

/** A person chose something we offered. `id` is ours, verbatim. */
interface ReplyContent {
  readonly type: 'reply'
  readonly kind: 'button' | 'list' | 'template-button' | 'flow'
  readonly id?: string
  readonly title?: string
  readonly description?: string
  /** Of a flow: its answers as the provider gave them. */
  readonly response?: unknown
}

interface OrderContent {
  readonly type: 'order'
  readonly catalogId?: string
  readonly text?: string
  readonly items: readonly {
    readonly productRetailerId: string
    readonly quantity?: number
    readonly itemPrice?: number
    readonly currency?: string
  }[]
}

/** The provider's own word about the person, e.g. a new number. */
interface SystemContent {
  readonly type: 'system'
  readonly event: 'number-changed' | 'user-id-changed' | 'identity-changed' | 'other'
  readonly text?: string
}

/** The person sent what the provider does not pass on. */
interface UnsupportedContent {
  readonly type: 'unsupported'
  readonly providerType?: string
  readonly code?: number
}

/** Something received that we keep whole and show by its type until a richer form exists. */
interface RawContent {
  readonly type: 'other'
  /** The provider's word for it, e.g. `poll`. */
  readonly providerType: string
  readonly raw: unknown
}

/** How long a provider tries to deliver a message; afterwards no report will come. */
export function deliveryTtlSeconds(content: MessageContent, defaultSeconds: number): number {
  const own = content.type === 'template' ? content.ttlSeconds : undefined
  return own === undefined || own < 0 ? defaultSeconds : Math.min(own, defaultSeconds)
}
