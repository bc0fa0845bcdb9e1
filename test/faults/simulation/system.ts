import type { Doors } from './clients.ts'
import type { Ledgers } from './ledgers.ts'
import type { Luck } from './luck.ts'
import type { Process } from './process.ts'
import type { Provider } from './provider.ts'
import type { Consume, DeadLetter, QueueShape } from './queue.ts'
import type { Rows } from './rows.ts'
import type { Simulation } from './scheduler.ts'
import type { Upkeep, UpkeepQueueName } from './upkeep.ts'

type SendQueueName = 'MESSAGE_SEND' | 'MESSAGE_STATUS_CHECK' | 'WEBHOOK_EVENT'
export type QueueName = SendQueueName | UpkeepQueueName

/** What is under fire: entry points, each run in a process of its own. */
export interface System {
  readonly doors: Doors
  readonly queues: Readonly<Partial<Record<QueueName, QueueShape>>>
  readonly consume: Readonly<Partial<Record<QueueName, Consume>>>
  /** Undefined: the stores know nothing of it. */
  readonly upkeep?: Upkeep | undefined
  receiveWebhook(process: Process, body: unknown): Promise<unknown>
  relay(process: Process): Promise<unknown>
  recordDeadLetter(process: Process, letter: DeadLetter): Promise<unknown>
}

/** Who posts, and to whom. */
export interface Party {
  readonly tenantId: string
  readonly clientId: string
  readonly senderId: string
  readonly phoneNumberId: string
  readonly wabaId: string
  readonly chats: readonly {
    readonly chatId: string
    readonly personId: string
    readonly phone: string
  }[]
}

export interface BuiltSystem {
  readonly system: System
  readonly parties: readonly Party[]
  /** Everything that the invariants judge. */
  rows(): Promise<Rows>
  /** Whether every message is final, or waits for delivery only. */
  isSettled(): Promise<boolean>
  close(): Promise<void>
}

/** What a system is built into. */
export interface Ground {
  readonly simulation: Simulation
  readonly luck: Luck
  readonly ledgers: Ledgers
  readonly provider: Provider
  readonly enqueue: (queue: QueueName, body: string, delaySeconds: number) => void
  /** Messages of a queue, waiting or in flight. */
  readonly waitingIn: (queue: QueueName) => number
  /** Whether SQS refuses this entry of a batch. */
  readonly losesWake: () => boolean
  readonly losesChunk: () => boolean
}
