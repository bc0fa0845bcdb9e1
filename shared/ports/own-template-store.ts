import type { Caller } from '../domain/caller.ts'
import type { Channel } from '../domain/channel.ts'
import type { RefusalCode } from '../domain/errors.ts'
import type { TemplateSource } from '../domain/message-template.ts'
import type { OwnTemplate, OwnTemplateName, OwnTemplateWithSource } from '../domain/own-template.ts'
import type { TemplateShape } from '../domain/template-shape.ts'
import type { ValueType } from '../domain/template-source.ts'
import type { Page, PageRequest } from './chat-store.ts'

export interface PutTemplate extends Caller, OwnTemplateName {
  readonly source: TemplateSource
  readonly variables: readonly string[]
  /** Of those that are no texts. */
  readonly valueTypes: Readonly<Record<string, ValueType>>
  readonly category: OwnTemplate['category']
  /** Of WhatsApp: what a send of it brings. */
  readonly shape: TemplateShape | undefined
}

export type PutTemplateAnswer =
  | {
      readonly outcome: 'kept'
      readonly template: OwnTemplate
      /** It made a version. */
      readonly isNew: boolean
    }
  | {
      readonly outcome: 'refused'
      readonly code: RefusalCode
      readonly retryAfterSeconds: number | undefined
    }

export interface FoundTemplate {
  readonly template: OwnTemplateWithSource
  /** Whose name the tenant's mails carry. */
  readonly mailFrom: string | undefined
}

/** Templates of a tenant's own. Each method is one database call. */
export interface OwnTemplateStore {
  put(command: PutTemplate): Promise<PutTemplateAnswer>
  /** The newest versions, by name, channel and language. Throws Refusal `invalid-cursor`. */
  list(
    caller: Caller,
    page: PageRequest & { readonly channel: Channel | undefined },
  ): Promise<Page<OwnTemplate>>
  /** All versions of one, newest first; none: there is no such template. */
  versions(
    caller: Caller,
    wanted: PageRequest & { readonly of: OwnTemplateName },
  ): Promise<Page<OwnTemplate>>
  /** Without `version` the newest. */
  find(
    caller: Caller,
    wanted: OwnTemplateName & { readonly version: number | undefined },
  ): Promise<FoundTemplate | undefined>
}
