import type { Job } from './job-store.ts'

/** Counts by why something stays though its time is over: `legal-hold`, `on-its-way`, … */
export type Held = Readonly<Record<string, number>>

/** What one batch did; counts only. */
export interface CleanupBatch {
  readonly stage: string
  readonly changed: number
  readonly held: Held
}

interface CleanedBatch extends CleanupBatch {
  /** Files that nobody can fetch any more; their bytes are to be taken out of the bucket. */
  readonly files: readonly { readonly mediaId: string; readonly objectKey: string }[]
  /** Nothing is left. */
  readonly isDone: boolean
}

/** Where a preview goes on; undefined: from the beginning. */
export interface CleanupPlace {
  readonly stage: string
  readonly after: unknown
}

/** What removes what is over. Each method is one database call and safe to repeat. */
export interface CleanupStore {
  /** Plans the day's cleanup of each tenant; answers the tasks to wake. */
  plan(): Promise<readonly { readonly tenantId: string; readonly taskId: string }[]>
  /** The deployment's own (0) and the companies, in the order of their ids. */
  tenantIds(): Promise<readonly string[]>
  /** Removes a part of the Idempotency-Keys that are over. */
  forgetKeys(): Promise<{ readonly keys: number; readonly hasMore: boolean }>
  /**
   * One batch of a tenant's cleanup; `removed`: files of the batch before whose bytes are gone.
   * Undefined: the claim of the job is over, somebody else has it.
   */
  clean(job: Job, removed: readonly string[]): Promise<CleanedBatch | undefined>
  /** What the batch from this place on would do; changes nothing. */
  preview(
    tenantId: string,
    from: CleanupPlace | undefined,
  ): Promise<CleanupBatch & { readonly next: CleanupPlace | undefined }>
}
