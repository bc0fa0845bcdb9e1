import type { SendReference } from './message-store.ts'
import type { Wake } from './task-queue.ts'

/** The clockwork of tasks: ids, times and states only, so no keys are needed. */
export interface TaskStore {
  /** Ends the wait for reports of these status checks; answers whom to wake. */
  checkStatuses(checks: readonly SendReference[]): Promise<readonly Wake[]>
  /** Expired leases become UNKNOWN; answers what is due and was not woken. */
  relay(limit: number): Promise<readonly Wake[]>
}
