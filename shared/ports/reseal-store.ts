import type { Job } from './job-store.ts'

/**
 * `lost`: the claim of the job is over, somebody else has it. `early`: this function does not know
 * the newest key yet; nothing was written.
 */
export type ResealStep =
  | { readonly state: 'lost' }
  | { readonly state: 'early' }
  | {
      readonly state: 'more' | 'done'
      readonly resealed: number
      /** Cells that no key of the tenant opens; they stay as they are. */
      readonly unreadable: number
    }

/** Cells under older epochs than a tenant's newest. */
export interface ResealStore {
  /** Two database calls: the next old cells are read, and put back under the newest epoch. */
  step(job: Job): Promise<ResealStep>
  /** The first place with an old cell, such as `persons.name`. A call for every 5,000 rows. */
  findOld(tenantId: string): Promise<string | undefined>
}
