import type { Caller } from '../domain/caller.ts'
import type { Durations } from '../domain/durations.ts'
import { Refusal } from '../domain/errors.ts'
import type { Alerts } from '../ports/alerts.ts'
import type { AccountSecrets } from '../ports/directory.ts'
import type { Job, JobResult } from '../ports/job-store.ts'
import type { TaskQueue } from '../ports/task-queue.ts'
import type { TemplateListing, TemplateSource } from '../ports/template-source.ts'
import type { PlannedSync, TemplateSyncStore } from '../ports/template-store.ts'

/** Then the next hour's sync tries again. */
const mostTries = 5

export interface SyncParts {
  readonly templates: TemplateSyncStore
  readonly source: TemplateSource
  readonly directory: AccountSecrets
  readonly alerts: Alerts
  readonly waits: Durations
}

/** One account's templates: listed at the provider, written down, changes told. */
export function makeSyncTemplates({ templates, source, directory, alerts, waits }: SyncParts) {
  /** A token that is refused may be one of several of the account. */
  async function list(tenantId: string, wabaId: string): Promise<TemplateListing> {
    const secretNames = await directory.accountSecrets(tenantId, wabaId)
    let listing: TemplateListing = { outcome: 'refused', reason: 'sender-setup' }
    for (const secretName of secretNames) {
      listing = await source.list({ wabaId, secretName })
      if (listing.outcome !== 'refused') return listing
    }
    return listing
  }

  function again(job: Job, reason: string, retryInSeconds: number): JobResult {
    if (job.attempts < mostTries) return { outcome: 'RETRY', reason, retryInSeconds }
    return givenUp(job, reason)
  }

  function givenUp({ tenantId, payload }: Job, reason: string): JobResult {
    alerts.raise('TemplateSyncFailed', { tenantId, wabaId: String(payload.wabaId), reason })
    return { outcome: 'DEAD', reason }
  }

  async function write(
    job: Job,
    wabaId: string,
    listing: Extract<TemplateListing, { outcome: 'listed' }>,
  ): Promise<JobResult> {
    const changes = await templates.apply({ job, wabaId, ...listing })
    if (changes === undefined) return { outcome: 'DONE' }
    if (changes.blocked + changes.recategorised > 0) {
      alerts.raise('TemplateChanged', { tenantId: job.tenantId, wabaId, ...changes })
    }
    return listing.isWhole ? { outcome: 'DONE' } : givenUp(job, 'list-not-whole')
  }

  return async (job: Job): Promise<JobResult> => {
    const wabaId = String(job.payload.wabaId)
    const listing = await list(job.tenantId, wabaId)
    switch (listing.outcome) {
      case 'listed':
        return write(job, wabaId, listing)
      case 'throttled': {
        const wait = Math.max(listing.retryAfterSeconds ?? 0, waits.templateThrottleSeconds)
        return again(job, 'rate-limited', wait)
      }
      case 'unavailable':
        return again(job, listing.reason, waits.templateRetrySeconds * 2 ** (job.attempts - 1))
      case 'refused':
        return givenUp(job, listing.reason)
    }
  }
}

/** Plans syncs of all accounts; the schedule's work. */
export function makePlanSyncs(templates: TemplateSyncStore, queue: TaskQueue) {
  return async (): Promise<{ planned: number; failed: number }> =>
    wakePlanned(queue, await templates.planSyncs(undefined))
}

/**
 * Plans syncs of a tenant's accounts now. Throws Refusal `sender-missing` when it has none and
 * `template-sync-limit` when all of them were synced too often lately.
 */
export function makeRequestSync(templates: TemplateSyncStore, queue: TaskQueue) {
  return async (caller: Caller): Promise<readonly PlannedSync[]> => {
    const syncs = await templates.planSyncs(caller)
    if (syncs.length === 0) throw new Refusal('sender-missing')
    if (syncs.every(({ state }) => state === 'limited')) {
      const wait = Math.min(...syncs.map(({ retryAfterSeconds }) => retryAfterSeconds))
      throw new Refusal('template-sync-limit', wait)
    }
    await wakePlanned(queue, syncs)
    return syncs
  }
}

async function wakePlanned(queue: TaskQueue, syncs: readonly PlannedSync[]) {
  const wakes = syncs.flatMap(({ tenantId, taskId }) =>
    taskId === undefined
      ? []
      : [{ type: 'TEMPLATE_SYNC' as const, tenantId, taskId, inSeconds: 0 }],
  )
  const { failed } = await queue.wake(wakes)
  return { planned: wakes.length, failed }
}
