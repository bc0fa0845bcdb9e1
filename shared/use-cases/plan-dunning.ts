import type { DunningPlanner } from '../ports/dunning-store.ts'
import type { TaskQueue } from '../ports/task-queue.ts'

/** Plans looks at the debts of every tenant; the schedule's work. */
export function makePlanDunning(planner: DunningPlanner, queue: TaskQueue) {
  return async (): Promise<{ planned: number; failed: number }> => {
    const wakes = await planner.plan()
    const { failed } = await queue.wake(wakes)
    return { planned: wakes.length, failed }
  }
}
