import { setTimeout as delay } from 'node:timers/promises'
import {
  DeleteMessageBatchCommand,
  type DeleteMessageBatchCommandOutput,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import { type Invoke, type InvokeResult, maxRequestBytes } from './invocation.ts'
import { processed, type SqsRecord, splitBySize, toRecord } from './sqs-event.ts'

export interface EventSourceOptions {
  readonly functionName: string
  readonly queueUrl: string
  readonly queueArn: string
  /** 1 to 10,000; more than 10 are gathered only inside a batching window. */
  readonly batchSize: number
  readonly batchingWindowSeconds: number
  /** Batches that run at a time; 5 unless told, as Lambda begins with. */
  readonly maximumConcurrency?: number | undefined
  readonly reportBatchItemFailures: boolean
  readonly client: SQSClient
  readonly invoke: Invoke
  /** What went wrong between the queue and the function; the function logs for itself. */
  readonly onError?: (error: Error) => void
}

/** What a queue may do on a bad day. */
export interface EventSourceFaults {
  /** 0 to 1: chance that a message is delivered a second time, at the same moment. */
  readonly duplicateProbability?: number
  /** Time between the receive and the invocation. */
  readonly delayMilliseconds?: number
}

/** Room for the list around the records. */
const maxBatchBytes = maxRequestBytes - 64
const longPollSeconds = 20
const backOffMilliseconds = 1000
const deleteAttempts = 3

/**
 * One event source mapping: polls a queue and invokes a function with batches, then deletes what
 * was processed. What failed stays until its visibility timeout ends: Lambda changes no
 * visibility, and neither does this.
 */
export class EventSource {
  readonly #options: EventSourceOptions
  readonly #stopping = new AbortController()
  readonly #running = new Set<Promise<void>>()
  readonly #polling: Promise<void>
  #faults: EventSourceFaults = {}

  constructor(options: EventSourceOptions) {
    this.#options = options
    this.#polling = this.#poll()
  }

  setFaults(faults: EventSourceFaults): void {
    this.#faults = faults
  }

  /**
   * Stops receiving at once and waits for batches that run, at most `limitSeconds`. A long poll
   * that is cut may take a message with it, which is back after its visibility timeout.
   */
  async stop(limitSeconds = 3): Promise<void> {
    this.#stopping.abort()
    const limit = new AbortController()
    const waited = delay(limitSeconds * 1000, undefined, { signal: limit.signal })
    await Promise.race([Promise.all([this.#polling, ...this.#running]), waited])
    limit.abort()
    await waited.catch(() => undefined)
  }

  async #poll(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#freeSlot()
        const records = await this.#gather()
        for (const batch of splitBySize(records, maxBatchBytes)) {
          await this.#freeSlot()
          this.#run(batch)
        }
      } catch (error) {
        this.#report(error)
        await this.#wait(backOffMilliseconds)
      }
    }
  }

  async #freeSlot(): Promise<void> {
    while (this.#running.size >= (this.#options.maximumConcurrency ?? 5)) {
      await Promise.race(this.#running)
    }
  }

  /** One receive, and more while the window is open and the batch is not full. */
  async #gather(): Promise<SqsRecord[]> {
    const { batchSize, batchingWindowSeconds } = this.#options
    const records = await this.#receive(batchSize, longPollSeconds)
    if (records.length === 0) return records
    const closesAt = performance.now() + batchingWindowSeconds * 1000
    while (records.length < batchSize && sizeOf(records) < maxBatchBytes) {
      const secondsLeft = Math.ceil((closesAt - performance.now()) / 1000)
      if (secondsLeft <= 0) break
      const wait = Math.min(secondsLeft, longPollSeconds)
      records.push(...(await this.#receive(batchSize - records.length, wait)))
    }
    return records
  }

  async #receive(count: number, waitSeconds: number): Promise<SqsRecord[]> {
    const command = new ReceiveMessageCommand({
      QueueUrl: this.#options.queueUrl,
      MaxNumberOfMessages: Math.min(10, count),
      WaitTimeSeconds: waitSeconds,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    })
    const { client, queueArn } = this.#options
    const answer = await client.send(command, { abortSignal: this.#stopping.signal })
    return (answer.Messages ?? []).map((message) => toRecord(message, queueArn))
  }

  #run(batch: readonly SqsRecord[]): void {
    const running = this.#deliver(batch)
      .catch((error) => this.#report(error))
      .finally(() => this.#running.delete(running))
    this.#running.add(running)
  }

  async #deliver(records: readonly SqsRecord[]): Promise<void> {
    const { duplicateProbability = 0, delayMilliseconds = 0 } = this.#faults
    if (delayMilliseconds > 0) await this.#wait(delayMilliseconds)
    const duplicates = records.filter(() => Math.random() < duplicateProbability)
    const [result] = await Promise.all([
      this.#invoke(records),
      duplicates.length > 0 ? this.#invoke(duplicates) : undefined,
    ])
    await this.#delete(processed(records, result, this.#options.reportBatchItemFailures))
  }

  #invoke(records: readonly SqsRecord[]): Promise<InvokeResult> {
    return this.#options.invoke(this.#options.functionName, { Records: records })
  }

  async #delete(records: readonly SqsRecord[]): Promise<void> {
    for (let start = 0; start < records.length; start += 10) {
      await this.#deleteTen(records.slice(start, start + 10), deleteAttempts)
    }
  }

  /** The answer is 200 even when entries failed; those are tried again, then left to reappear. */
  async #deleteTen(records: readonly SqsRecord[], attempts: number): Promise<void> {
    const command = new DeleteMessageBatchCommand({
      QueueUrl: this.#options.queueUrl,
      Entries: records.map(({ receiptHandle }, index) => ({
        Id: String(index),
        ReceiptHandle: receiptHandle,
      })),
    })
    const failed = failedOf(await this.#options.client.send(command), records)
    if (failed.length === 0) return
    if (attempts > 1) return this.#deleteTen(failed, attempts - 1)
    throw new Error(`${failed.length} processed messages of ${this.#options.queueArn} not deleted`)
  }

  async #wait(milliseconds: number): Promise<void> {
    const { signal } = this.#stopping
    await delay(milliseconds, undefined, { signal }).catch(() => undefined)
  }

  /** Aborted calls of a source that stops are no errors. */
  #report(error: unknown): void {
    if (this.#stopping.signal.aborted) return
    this.#options.onError?.(error instanceof Error ? error : new Error(String(error)))
  }
}

function failedOf(
  answer: DeleteMessageBatchCommandOutput,
  records: readonly SqsRecord[],
): SqsRecord[] {
  return (answer.Failed ?? []).flatMap(({ Id }) => records[Number(Id)] ?? [])
}

function sizeOf(records: readonly SqsRecord[]): number {
  return Buffer.byteLength(JSON.stringify(records))
}
