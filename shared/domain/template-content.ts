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
  /** Texts of a text header. */
  readonly header?: VariableValues
  /** The file that a media header shows. */
  readonly headerMedia?: HeaderMedia
  readonly body?: VariableValues
  readonly buttons?: readonly ButtonVariable[]
}

/** Positional templates take a list, named ones a record; Meta does not mix them. */
export type VariableValues = readonly string[] | Readonly<Record<string, string>>

interface HeaderMedia {
  readonly type: 'image' | 'video' | 'document'
  readonly mediaId: string
  /** Documents. */
  readonly filename?: string
}

export type ButtonVariable =
  | { readonly index: number; readonly type: 'url'; readonly text: string }
  | { readonly index: number; readonly type: 'quick_reply'; readonly payload: string }
  | { readonly index: number; readonly type: 'copy_code'; readonly code: string }
