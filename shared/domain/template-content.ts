import type { PixKeyType } from './billing/pix-key.ts'

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
  readonly buttons?: readonly (ButtonVariable | OrderButton)[]
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

/** The button of a template of Meta's format `ORDER_DETAILS`: a bill and ways to pay it. Brazil only. */
export interface OrderButton {
  readonly index: number
  readonly type: 'order_details'
  readonly order: PaymentOrder
}

export interface PaymentOrder {
  /** Unlike that of any other such message: letters, digits, `_`, `-` and `.`, up to 60. */
  readonly referenceId: string
  readonly totalCents: number
  /** What is paid for, up to 60 characters. */
  readonly description: string
  /** At most one of each type. */
  readonly payments: readonly OrderPayment[]
}

export type OrderPayment =
  | {
      readonly type: 'pix'
      /** A BR Code. */
      readonly code: string
      /** Shown beside it. */
      readonly merchantName: string
      readonly key: string
      readonly keyType: PixKeyType
    }
  /** 47 or 48 digits. */
  | { readonly type: 'boleto'; readonly line: string }
  /** https. */
  | { readonly type: 'link'; readonly url: string }
