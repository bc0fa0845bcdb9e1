import type { AuditEntry } from '../domain/audit.ts'
import type { AuditHead, AuditLink, AuditRow } from '../domain/audit-chain.ts'
import type { AuditNote, Caller } from '../domain/caller.ts'
import type { Page, PageRequest } from './chat-store.ts'

/** All that are given must hold; `to` is excluded. */
export interface AuditFilter {
  readonly actorKind?: AuditEntry['actorKind'] | undefined
  readonly actor?: string | undefined
  /** Also under the ids of those who were merged into them. */
  readonly personId?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
}

export interface AuditReader {
  /**
   * Newest first. A page of a person and an actor looks at 1,000 entries of the person: it may show fewer
   * than asked for and not be the last. Throws Refusal `invalid-cursor`.
   */
  list(
    caller: Caller,
    page: PageRequest & { readonly filter: AuditFilter },
  ): Promise<Page<AuditEntry>>
}

/** A person whose data somebody saw or changed, and when. */
export interface SeenPerson {
  readonly personId: string
  readonly entries: number
  readonly firstAt: string
  readonly lastAt: string
}

export interface TenantHead extends AuditHead {
  readonly tenantId: string
}

/** The chains of all tenants. */
export interface AuditChain {
  /** Chains what is new, a bounded number of entries: the oldest first, and of all who wait as many. */
  chain(): Promise<{
    readonly chained: number
    readonly hasMore: boolean
    /** Age of the oldest entry that has no link, of all tenants; 0: every entry has one. */
    readonly tailSeconds: number
  }>
  /** The end of each chain that has one. */
  heads(): Promise<readonly TenantHead[]>
  /** By (xid, auditId), page by page. */
  rows(tenantId: string): AsyncIterable<AuditRow>
  /** By position, page by page. */
  links(tenantId: string): AsyncIterable<AuditLink>
  tenantIds(): Promise<readonly string[]>
}

/** Ends of the chains as they were told outside of the database, where nobody changes them. */
export interface AuditHeads {
  /** Once for each time; what was kept under it already stays. */
  keep(at: Date, heads: readonly TenantHead[]): Promise<void>
  /** Those of the newest so many times, oldest first. */
  newest(times: number): Promise<readonly TenantHead[]>
}

/** What operators ask the audit, and what they leave in it. */
export interface AuditDesk {
  /** Most entries first. */
  seenBy(request: {
    readonly tenantId: string
    readonly actor: string
    readonly from: string
    readonly to: string
    readonly limit: number
  }): Promise<readonly SeenPerson[]>
  /** Newest first. */
  find(request: {
    readonly tenantId: string
    readonly filter: AuditFilter
    readonly limit: number
  }): Promise<readonly AuditEntry[]>
  /** Keeps that an operator saw or changed something. */
  note(
    entry: AuditNote & {
      readonly tenantId: string
      readonly operator: string
      readonly personId?: string | undefined
    },
  ): Promise<void>
}
