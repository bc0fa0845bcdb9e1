/** What a message says. Sealed as JSON at rest; `type` is the discriminator everywhere. */
export type MessageContent = TextContent | TemplateContent | UnshownContent

interface TextContent {
  readonly type: 'text'
  readonly text: string
  readonly previewUrl?: boolean
}

/** A send of a provider template (Meta's approved copy). No variables: leave `variables` out. */
export interface TemplateContent {
  readonly type: 'template'
  readonly name: string
  /** Meta's form, e.g. `pt_BR`; there is no fallback between languages. */
  readonly language: string
  readonly variables?: TemplateVariables
  /** How long WhatsApp tries to deliver it: 30 to 2,592,000 by category, -1 for 30 days. */
  readonly ttlSeconds?: number
}

export interface TemplateVariables {
  readonly header?: VariableValues
  readonly body?: VariableValues
  readonly buttons?: readonly ButtonVariable[]
}

/** Positional templates take a list, named ones a record; Meta does not mix them. */
export type VariableValues = readonly string[] | Readonly<Record<string, string>>

export type ButtonVariable =
  | { readonly index: number; readonly type: 'url'; readonly text: string }
  | { readonly index: number; readonly type: 'quick_reply'; readonly payload: string }

/** Something received that we keep whole and show by its type until a richer form exists. */
interface UnshownContent {
  readonly type: 'other'
  /** The provider's word for it, e.g. `sticker`, `order`. */
  readonly providerType: string
  readonly raw: unknown
}

/** How long a provider tries to deliver a message; afterwards no report will come. */
export function deliveryTtlSeconds(content: MessageContent, defaultSeconds: number): number {
  const own = content.type === 'template' ? content.ttlSeconds : undefined
  return own === undefined || own < 0 ? defaultSeconds : Math.min(own, defaultSeconds)
}
