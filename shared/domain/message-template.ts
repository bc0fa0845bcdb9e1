import type { ButtonVariable, PaymentOrder, VariableValues } from './template-content.ts'

/**
 * A message made of a template of ours, by its name, on either channel. The version is fixed when the
 * message is accepted; what it becomes is worked out when it is sent.
 */
export interface NamedTemplateContent {
  readonly type: 'named-template'
  readonly name: string
  /** BCP 47, e.g. `pt-BR`. */
  readonly language: string
  readonly variables: TemplateValues
  /** Of a mail; on WhatsApp the file that the header shows. */
  readonly attachments?: readonly TemplateFile[]
}

export interface TemplateFile {
  readonly mediaId: string
  readonly filename?: string
}

export type TemplateValues = Readonly<Record<string, TemplateValue>>

/** A value by what it is; how it is written follows from language and channel. */
export type TemplateValue =
  | string
  | { readonly type: 'money'; readonly cents: number; readonly currency: 'BRL' }
  /** A calendar day, `YYYY-MM-DD`. */
  | { readonly type: 'date'; readonly date: string }
  | { readonly type: 'count'; readonly count: number }
  | { readonly type: 'installments'; readonly installments: readonly ListedInstallment[] }
  /** What a button of WhatsApp shows as a bill; in a text it is its amount. */
  | { readonly type: 'bill'; readonly order: PaymentOrder }

/** One line of a list of installments. */
export interface ListedInstallment {
  readonly number: number
  readonly total: number
  /** `YYYY-MM-DD`. */
  readonly dueOn: string
  readonly cents: number
}

/**
 * What a template says. Texts hold placeholders: `{{name}}`, and of a count `{{name|dia|dias}}`, which
 * becomes `3 dias`. They are filled in one pass; there is no logic.
 */
export type TemplateSource = MailSource | BoundSource

/** HTML and plain text are both made of it. */
export interface MailSource {
  readonly channel: 'EMAIL'
  readonly subject: string
  /** What mailboxes show beside the subject. */
  readonly preheader?: string
  readonly blocks: readonly MailBlock[]
}

export type MailBlock =
  | { readonly type: 'heading' | 'paragraph'; readonly text: string }
  /** `url` is https once filled. */
  | { readonly type: 'button'; readonly label: string; readonly url: string }
  /** Rows of label and value, e.g. due date and amount. */
  | { readonly type: 'facts'; readonly rows: readonly { label: string; value: string }[] }
  /** A list of installments, by the name of its variable. */
  | { readonly type: 'installments'; readonly variable: string }
  /** What people copy: a PIX code, a boleto line. */
  | { readonly type: 'code'; readonly label: string; readonly value: string }
  | { readonly type: 'divider' }

/** Meta's approved copy, and what each of its parameters is filled with. */
export interface BoundSource {
  readonly channel: 'WHATSAPP'
  readonly providerTemplate: { readonly name: string; readonly language: string }
  readonly header?: VariableValues
  /** The header shows a file of this kind: the message's only attachment. */
  readonly headerMedia?: 'image' | 'video' | 'document'
  readonly body?: VariableValues
  readonly buttons?: readonly (ButtonVariable | BillButton)[]
  readonly ttlSeconds?: number
}

/** The button of a provider template of format `ORDER_DETAILS`, by the name of its variable. */
export interface BillButton {
  readonly index: number
  readonly type: 'order_details'
  readonly variable: string
}
