import type { SendReference } from './message-store.ts'
import type { Wake } from './task-queue.ts'

/** The clockwork of tasks: ids, times and states only, so no keys are needed. */
export interface TaskStore {
  /** Ends the wait for reports of these status checks. */
  checkStatuses(checks: readonly SendReference[]): Promise<CheckedStatuses>
  /** Expired leases become UNKNOWN; answers what is due and was not woken. */
  relay(limit: number): Promise<readonly Wake[]>
  /** No look at the provider's history for this sender any more: it answers that it has none. */
  disableProbe(sender: { readonly tenantId: string; readonly senderId: string }): Promise<void>
  /** Keeps what a DLQ held, once per queue message. */
  recordFailures(failures: readonly TaskFailure[]): Promise<void>
  /** Everything not final and why it waits, oldest first. */
  waiting(filter: {
    readonly tenantId: string | undefined
    readonly limit: number
  }): Promise<readonly WaitingMessage[]>
}

interface CheckedStatuses {
  readonly wakes: readonly Wake[]
  /** Messages to look up at the provider before their time is declared over. */
  readonly probes: readonly Probe[]
}

export interface Probe {
  readonly tenantId: string
  readonly senderId: string
  readonly providerMessageId: string
  readonly sender: {
    readonly phoneNumberId: string
    readonly wabaId: string
    readonly secretName: string
  }
}

export interface TaskFailure {
  readonly tenantId: string
  readonly queue: string
  readonly queueMessageId: string
  readonly reason: 'unreadable' | 'not-processed'
  /** In a transit envelope. */
  readonly sealedBody: string
}

export interface WaitingMessage {
  readonly tenantId: string
  readonly messageId: string
  readonly chatId: string
  readonly status: string
  /** Stable words, e.g. `retry`, `breaker-open`, `waits-for-a-report`, `planned`. */
  readonly why: string
  readonly dueAt: string | undefined
  readonly attempts: number
  readonly senderId: string
  readonly waitsSeconds: number
}
