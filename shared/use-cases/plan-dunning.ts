import type { DunningPlanner } from '../ports/dunning-store.ts'
import type { TaskQueue } from '../ports/task-queue.ts'

/**
 * Plans looks at the debts of every tenant; the schedule's work. A tenant that cannot be planned stops
 * no other; the error that names them comes when all others have been.
 */
export function makePlanDunning(planner: DunningPlanner, queue: TaskQueue) {
  return async (): Promise<{ planned: number; failed: number }> => {
    const total = { planned: 0, failed: 0 }
    const errors: unknown[] = []
    for (const tenantId of await planner.due()) {
      try {
        const wakes = await planner.plan(tenantId)
        const { failed } = await queue.wake(wakes)
        total.planned += wakes.length
        total.failed += failed
      } catch (error) {
        errors.push(new Error(`tenant ${tenantId} was not planned`, { cause: error }))
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'looks at debts were not planned')
    return total
  }
}
