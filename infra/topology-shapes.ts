import type * as z from 'zod'
import type { Access, FunctionName, QueueName } from '#infra/topology.ts'
import type { Scope } from '#shared/contracts/scopes.ts'

/** What a row of each list in `topology.ts` says. */
export interface FunctionSpec {
  /** Handler file, relative to the root of the project; it exports `handler`. */
  readonly entry: `functions/${string}.ts`
  readonly env: z.ZodObject
  readonly timeoutSeconds: number
  readonly memoryMb: number
  readonly access: readonly Access[]
  /** Queues it may put wake-ups or chunks on. */
  readonly sendsTo: readonly QueueName[]
  /** What breaks when it fails; the alarm's text. */
  readonly errorImpact: string
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  readonly path: `/${string}`
  readonly function: FunctionName
  /** Scope the JWT must carry; undefined means no JWT. */
  readonly scope: Scope | undefined
  /** Of a route without a scope: why anybody may call it. */
  readonly openBecause?: string
}

export interface QueueSpec {
  readonly consumer: FunctionName
  readonly batchSize: number
  readonly maxBatchingWindowSeconds: number
  /** 2 to 1,000; keeps senders under what a provider allows. */
  readonly maxConcurrency: number
  readonly maxReceiveCount: number
  /**
   * Name of the SNS topic that feeds it with what AWS writes. Such bodies are not sealed: the queue
   * and its DLQ have a KMS key of their own instead, and the queue forgets after 4 days, not 7.
   */
  readonly topic?: string
  /** Name of the EventBridge bus that feeds it; such bodies are not sealed either. */
  readonly bus?: string
  /** What people notice when messages land in the DLQ; the alarm's text. */
  readonly errorImpact: string
}

export interface ScheduleSpec {
  readonly function: FunctionName
  /** EventBridge Scheduler expression. */
  readonly expression: string
  /** The alarm rings when it did not run for so long. */
  readonly silentAfterMinutes: number
}
