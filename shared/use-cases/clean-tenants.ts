import type { CleanupBatch, CleanupStore } from '../ports/cleanup-store.ts'
import type { ErasableObjects } from '../ports/erasures.ts'
import type { Job, JobResult } from '../ports/job-store.ts'
import type { TaskQueue } from '../ports/task-queue.ts'

/** Of one run; the task remembers where it stopped, and others have their turn. */
const mostBatches = 40
const mostCalls = 20

/** Plans the day's cleanups and removes Idempotency-Keys that are over; the schedule's work. */
export function makePlanCleanups(
  cleanups: Pick<CleanupStore, 'plan' | 'forgetKeys'>,
  queue: TaskQueue,
) {
  return async (): Promise<{ planned: number; failed: number; keys: number }> => {
    const planned = await cleanups.plan()
    const { failed } = await queue.wake(
      planned.map((task) => ({ type: 'CHAT_CLEANUP', inSeconds: 0, ...task })),
    )
    let keys = 0
    for (let calls = 0; calls < mostCalls; calls += 1) {
      const forgotten = await cleanups.forgetKeys()
      keys += forgotten.keys
      if (!forgotten.hasMore) break
    }
    return { planned: planned.length, failed, keys }
  }
}

export interface CleanTenantParts {
  readonly cleanups: Pick<CleanupStore, 'clean'>
  readonly files: ErasableObjects
  /** Told of every batch that changed or held something: how many, never what. */
  readonly report: (tenantId: string, batch: CleanupBatch) => void
}

/** One tenant's cleanup: batch by batch until nothing is left, or it is somebody else's turn. */
export function makeCleanTenant({ cleanups, files, report }: CleanTenantParts) {
  function tell({ tenantId }: Job, { stage, changed, held }: CleanupBatch): void {
    if (changed > 0 || Object.keys(held).length > 0) report(tenantId, { stage, changed, held })
  }

  return async (job: Job): Promise<JobResult> => {
    let removed: readonly string[] = []
    for (let batches = 0; batches < mostBatches || removed.length > 0; batches += 1) {
      const batch = await cleanups.clean(job, removed)
      if (batch === undefined) return { outcome: 'DONE' }
      tell(job, batch)
      await files.delete(batch.files.map(({ objectKey }) => objectKey))
      removed = batch.files.map(({ mediaId }) => mediaId)
      if (batch.isDone) return { outcome: 'DONE' }
    }
    return { outcome: 'RETRY', reason: 'goes-on', retryInSeconds: 0 }
  }
}
