import type { Channel } from './channel.ts'

/** News of an account, a number or a template, for operators. */
export interface AccountEvent {
  readonly kind: 'account'
  readonly channel: Channel
  readonly sender: { readonly phoneNumberId?: string; readonly wabaId?: string }
  /** Stable words, e.g. `template-status`, `number-quality`, `account-error`. */
  readonly topic: AccountTopic
  readonly severity: Severity
  /** What it is about: a template's name, a number of ours. */
  readonly subject?: string
  readonly occurredAt: string
  readonly template?: TemplateChange
  readonly raw: unknown
}

/** `warning` and `critical` wake somebody. */
export type Severity = 'info' | 'warning' | 'critical'

export type AccountTopic =
  | 'account-alert'
  | 'account-error'
  | 'account-review'
  | 'account-update'
  | 'business-capability'
  | 'business-username'
  | 'number-name'
  | 'number-quality'
  | 'security'
  | 'template-category'
  | 'template-components'
  | 'template-quality'
  | 'template-status'

/** What became of a provider template. Found by its id, else by name and language. */
export interface TemplateChange {
  readonly wabaId: string
  readonly providerTemplateId?: string
  readonly name?: string
  /** As the provider's API writes it, e.g. `pt_BR`. */
  readonly language?: string
  readonly status?: string
  readonly reason?: string
  readonly quality?: string
  readonly category?: string
  /** Its text was changed: what was synced is out of date. */
  readonly isRewritten?: boolean
}
