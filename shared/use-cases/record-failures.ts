import type { Alerts } from '../ports/alerts.ts'
import type { TransitSealer } from '../ports/sealer.ts'
import type { TaskStore } from '../ports/task-store.ts'

/** What a dead-letter queue held: a body that no code could read, or whose work kept failing. */
export interface DeadLetter {
  readonly queue: string
  readonly queueMessageId: string
  readonly body: string
  /** The task it names, when it is a readable wake-up. */
  readonly wakeUp: { readonly tenantId: string } | undefined
}

const deploymentTenantId = '0'

/** What a recorded body is bound to. */
export function deadLetterPlace(queue: string, queueMessageId: string): string {
  return `task_failures|${queue}|${queueMessageId}`
}

/**
 * Makes dead letters visible with their reason. A readable wake-up loses nothing: its task is a
 * row that the relay brings again.
 */
export function makeRecordFailures(tasks: TaskStore, transit: TransitSealer, alerts: Alerts) {
  return async (letters: readonly DeadLetter[]): Promise<{ recorded: number }> => {
    const failures = await Promise.all(
      letters.map(async ({ queue, queueMessageId, body, wakeUp }) => ({
        tenantId: wakeUp?.tenantId ?? deploymentTenantId,
        queue,
        queueMessageId,
        reason: wakeUp === undefined ? ('unreadable' as const) : ('not-processed' as const),
        sealedBody: await transit.seal(deadLetterPlace(queue, queueMessageId), body),
      })),
    )
    await tasks.recordFailures(failures)
    for (const { queue, reason } of failures) alerts.raise('TaskFailed', { queue, reason })
    return { recorded: failures.length }
  }
}
