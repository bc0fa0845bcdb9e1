import type { Caller, Operator } from '../domain/caller.ts'
import type { ProviderTemplate } from '../domain/provider-template.ts'
import type { Page, PageRequest } from './chat-store.ts'
import type { Job } from './job-store.ts'
import type { ListedTemplate } from './template-source.ts'

export interface TemplateFilter {
  readonly name?: string | undefined
  readonly language?: string | undefined
  readonly status?: string | undefined
  readonly category?: string | undefined
}

/** A sync that was asked for. */
export interface PlannedSync {
  readonly tenantId: string
  readonly wabaId: string
  /** `pending`: one waits already; `limited`: too many began lately. */
  readonly state: 'planned' | 'pending' | 'limited'
  /** Of a planned one, to be woken. */
  readonly taskId: string | undefined
  readonly retryAfterSeconds: number
}

export interface TemplateSync {
  readonly job: Job
  readonly wabaId: string
  readonly templates: readonly ListedTemplate[]
  /** The list has everything that the account has: what it lacks is gone. */
  readonly isWhole: boolean
}

/** How many templates came out otherwise than they were known. */
export interface TemplateChanges {
  /** Their status lets no send through any more, or they are gone. */
  readonly blocked: number
  readonly recategorised: number
  /** To the better. */
  readonly other: number
}

/** Provider templates. Each method is one database call. */
export interface TemplateStore {
  /** By name and language. Throws Refusal `invalid-cursor`. */
  list(
    caller: Caller | Operator,
    page: PageRequest & { readonly filter: TemplateFilter },
  ): Promise<Page<ProviderTemplate>>
  /**
   * Accepts the category that Meta has given, in every account of the tenant that has the template;
   * none: there is no such template.
   */
  acceptCategory(
    caller: Caller | Operator,
    template: { readonly name: string; readonly language: string },
  ): Promise<readonly ProviderTemplate[]>
}

/** What keeps provider templates as Meta has them. */
export interface TemplateSyncStore {
  /** Plans a sync for each account of the caller's tenant, or of all. */
  planSyncs(caller: Caller | Operator | undefined): Promise<readonly PlannedSync[]>
  /**
   * One database call for each megabyte of templates. Undefined when the claim of the job is over: somebody else has it.
   */
  apply(sync: TemplateSync): Promise<TemplateChanges | undefined>
}
