import type { FailureReason } from '../domain/failure-reason.ts'
import type { TemplateShape } from '../domain/template-shape.ts'

/** A template as the provider lists it. */
export interface ListedTemplate {
  readonly name: string
  readonly language: string
  readonly providerTemplateId: string | undefined
  readonly category: string
  readonly status: string
  readonly parameterFormat: 'POSITIONAL' | 'NAMED'
  readonly components: readonly unknown[]
  readonly shape: TemplateShape
  readonly quality: string | undefined
  /** Why it was rejected. */
  readonly reason: string | undefined
}

export type TemplateListing =
  | {
      readonly outcome: 'listed'
      readonly templates: readonly ListedTemplate[]
      /** False when pages or entries could not be read, or there were more than are read. */
      readonly isWhole: boolean
    }
  | { readonly outcome: 'throttled'; readonly retryAfterSeconds: number | undefined }
  /** Later it may answer. */
  | { readonly outcome: 'unavailable'; readonly reason: FailureReason }
  /** It will not until somebody acts, e.g. on a revoked token. */
  | { readonly outcome: 'refused'; readonly reason: FailureReason; readonly code?: number }

/** The templates of an account at its provider. Never throws for an answer. */
export interface TemplateSource {
  list(account: { readonly wabaId: string; readonly secretName: string }): Promise<TemplateListing>
}
