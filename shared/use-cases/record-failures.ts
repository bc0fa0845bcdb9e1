import { deploymentTenantId } from '../domain/deployment.ts'
import type { Alerts } from '../ports/alerts.ts'
import type { ChunkReader } from '../ports/chunk-queue.ts'
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

/** What a recorded body is bound to. */
export function deadLetterPlace(queue: string, queueMessageId: string): string {
  return `task_failures|${queue}|${queueMessageId}`
}

export interface RecordParts {
  readonly tasks: TaskStore
  readonly transit: TransitSealer
  readonly chunks: ChunkReader
  readonly alerts: Alerts
}

/**
 * Makes dead letters visible with their reason. A readable wake-up loses nothing: its task is a
 * row that the relay brings again. A webhook chunk that opens was not unreadable either: its work
 * kept failing, and an operator may put it back.
 */
export function makeRecordFailures({ tasks, transit, chunks, alerts }: RecordParts) {
  return async (letters: readonly DeadLetter[]): Promise<{ recorded: number }> => {
    const failures = await Promise.all(
      letters.map(async ({ queue, queueMessageId, body, wakeUp }) => ({
        tenantId: wakeUp?.tenantId ?? deploymentTenantId,
        queue,
        queueMessageId,
        reason:
          wakeUp !== undefined || (await opens(chunks, body))
            ? ('not-processed' as const)
            : ('unreadable' as const),
        sealedBody: await transit.seal(deadLetterPlace(queue, queueMessageId), body),
      })),
    )
    await tasks.recordFailures(failures)
    for (const { queue, reason } of failures) alerts.raise('TaskFailed', { queue, reason })
    return { recorded: failures.length }
  }
}

async function opens(chunks: ChunkReader, body: string): Promise<boolean> {
  try {
    await chunks.open(body)
    return true
  } catch {
    return false
  }
}
