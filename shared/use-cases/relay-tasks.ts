import type { TaskQueue } from '../ports/task-queue.ts'
import type { TaskStore } from '../ports/task-store.ts'

const rowsPerCall = 1000

/** The net each minute: wakes what is due and was not woken; ends expired leases. */
export function makeRelayTasks(tasks: TaskStore, queue: TaskQueue) {
  return async (): Promise<{ woken: number; failed: number }> => {
    const wakes = await tasks.relay(rowsPerCall)
    const { failed } = await queue.wake(wakes)
    return { woken: wakes.length, failed }
  }
}
