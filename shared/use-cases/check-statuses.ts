import type { SendReference } from '../ports/message-store.ts'
import type { TaskQueue } from '../ports/task-queue.ts'
import type { TaskStore } from '../ports/task-store.ts'

/** Ends the wait for reports: UNKNOWN follows the message's policy. */
export function makeCheckStatuses(tasks: TaskStore, queue: TaskQueue) {
  return async (checks: readonly SendReference[]): Promise<{ woken: number }> => {
    const wakes = await tasks.checkStatuses(checks)
    await queue.wake(wakes)
    return { woken: wakes.length }
  }
}
