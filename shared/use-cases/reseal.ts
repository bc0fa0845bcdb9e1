import type { Durations } from '../domain/durations.ts'
import type { Alerts } from '../ports/alerts.ts'
import type { Job, JobResult } from '../ports/job-store.ts'
import type { ResealStore } from '../ports/reseal-store.ts'

/** Of one run; the task remembers where it stopped. */
const mostSteps = 40

interface ResealParts {
  readonly cells: Pick<ResealStore, 'step'>
  readonly waits: Durations
  readonly alerts: Alerts
}

/** Seals a tenant's cells under its newest key, place by place until none is older. */
export function makeReseal({ cells, waits, alerts }: ResealParts) {
  return async (job: Job): Promise<JobResult> => {
    const { tenantId, taskId } = job
    for (let steps = 0; steps < mostSteps; steps += 1) {
      const step = await cells.step(job)
      if (step.state === 'early') {
        return { outcome: 'RETRY', reason: 'key-not-known', retryInSeconds: waits.keyKnownSeconds }
      }
      if ('unreadable' in step && step.unreadable > 0) {
        alerts.raise('CellUnreadable', { tenantId, taskId, unreadable: step.unreadable })
      }
      if (step.state !== 'more') return { outcome: 'DONE' }
    }
    return { outcome: 'RETRY', reason: 'goes-on', retryInSeconds: 0 }
  }
}
