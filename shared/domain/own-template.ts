import type { Channel } from './channel.ts'
import type { TemplateSource } from './message-template.ts'

/** What a template of a tenant's own is found by. */
export interface OwnTemplateName {
  readonly name: string
  readonly channel: Channel
  /** BCP 47. */
  readonly language: string
}

/** One version of it, without its source. */
export interface OwnTemplate extends OwnTemplateName {
  readonly version: number
  /** Of mails. */
  readonly category: 'transactional' | 'marketing' | undefined
  /** The names that it uses, sorted. */
  readonly variables: readonly string[]
  /** Of WhatsApp: Meta's copy that it is bound to. */
  readonly providerTemplate: { readonly name: string; readonly language: string } | undefined
  readonly createdAt: string
}

export interface OwnTemplateWithSource extends OwnTemplate {
  readonly source: TemplateSource
}
