import type { Job, JobResult, JobStore } from '../ports/job-store.ts'
import type { SendReference } from '../ports/message-store.ts'
import type { Randomness } from '../ports/randomness.ts'
import type { TaskQueue, TaskType } from '../ports/task-queue.ts'

export interface JobParts<J extends Job, R extends JobResult> {
  readonly type: TaskType
  readonly jobs: JobStore<J, R>
  readonly queue: TaskQueue
  readonly randomness: Randomness
  /** One job; what it throws is a bug met on the way, and the job is tried again. */
  readonly work: (job: J) => Promise<R>
}

const retryAfterFaultSeconds = 60
const mostFaults = 10
/** What the law asks for is tried without end. */
const neverGivenUp: readonly TaskType[] = ['PERSON_EXPORT', 'PERSON_ERASURE']

/** Runs a batch of one type of job side by side: one call claims, one settles. */
export function makeRunJobs<J extends Job, R extends JobResult>(parts: JobParts<J, R>) {
  const { type, jobs, queue, randomness } = parts
  return async (references: readonly SendReference[]) => {
    const claimed = await jobs.claim({ type, claimToken: randomness.uuid(), jobs: references })
    if (claimed.length === 0) return { claimed: 0, done: 0 }
    const results = await Promise.all(
      claimed.map(async (job) => ({ job, result: await attempt(parts, job) })),
    )
    await queue.wake(await jobs.settle(results))
    return {
      claimed: claimed.length,
      done: results.filter(({ result }) => result.outcome === 'DONE').length,
    }
  }
}

async function attempt<J extends Job, R extends JobResult>(
  { type, work }: Pick<JobParts<J, R>, 'type' | 'work'>,
  job: J,
): Promise<R | JobResult> {
  try {
    return await work(job)
  } catch {
    return job.attempts < mostFaults || neverGivenUp.includes(type)
      ? { outcome: 'RETRY', reason: 'fault', retryInSeconds: retryAfterFaultSeconds }
      : { outcome: 'DEAD', reason: 'fault' }
  }
}
