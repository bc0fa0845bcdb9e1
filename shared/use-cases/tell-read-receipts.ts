import type { Durations } from '../domain/durations.ts'
import { decideReceipt } from '../domain/read-receipt.ts'
import type { Randomness } from '../ports/randomness.ts'
import type { ReadReceiptStore, ReadReceipts } from '../ports/read-receipts.ts'
import type { TaskQueue } from '../ports/task-queue.ts'
import { makeRunJobs } from './run-jobs.ts'

export interface ReadReceiptParts {
  readonly jobs: ReadReceiptStore
  readonly provider: ReadReceipts
  readonly queue: TaskQueue
  readonly randomness: Randomness
  readonly waits: Durations
}

/** Tells providers what was read, a batch at a time. */
export function makeTellReadReceipts({ jobs, provider, queue, ...parts }: ReadReceiptParts) {
  const { randomness, waits } = parts
  return makeRunJobs({
    type: 'READ_RECEIPT',
    jobs,
    queue,
    randomness,
    work: async ({ receipt, attempts }) =>
      decideReceipt(await provider.tell(receipt), {
        attempts,
        waits,
        fraction: randomness.fraction(),
      }),
  })
}
