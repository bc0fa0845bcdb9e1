import type { SendReference } from './message-store.ts'
import type { TaskType, Wake } from './task-queue.ts'

/** A task that may be done twice without harm: it needs a lease, but no attempt of its own. */
export interface Job extends SendReference {
  readonly fence: string
  /** How many tries there were, this one included. */
  readonly attempts: number
  readonly messageId: string | undefined
  /** Ids only. */
  readonly payload: Readonly<Record<string, unknown>>
}

export type JobResult =
  | { readonly outcome: 'DONE' }
  | { readonly outcome: 'RETRY'; readonly reason: string; readonly retryInSeconds: number }
  /** Given up for good, visibly. */
  | { readonly outcome: 'DEAD'; readonly reason: string }

/**
 * Claims and ends jobs. Each method is one database call and safe to repeat. `J`: what a claim of its
 * own tells beside the job; `R`: how one ends.
 */
export interface JobStore<J extends Job = Job, R extends JobResult = JobResult> {
  claim(request: {
    readonly type: TaskType
    readonly claimToken: string
    readonly jobs: readonly SendReference[]
  }): Promise<readonly J[]>
  /** Answers whom to wake again. */
  settle(
    results: readonly { readonly job: J; readonly result: R | JobResult }[],
  ): Promise<readonly Wake[]>
}
