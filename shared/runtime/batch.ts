import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import { eventHintBody, wakeUpBody } from '../contracts/wake-up.ts'
import { describeError, log } from './log.ts'

export interface WakeUp {
  readonly tenantId: string
  readonly taskId: string
}

type BatchHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>

/**
 * A task type's processor: reads the wake-ups and hands them over as one batch. A body that no
 * code can read fails alone and ends in the DLQ; when the work throws, all come back.
 */
export function tasks(work: (wakeUps: readonly WakeUp[]) => Promise<object>): BatchHandler {
  return batch(async (record) => wakeUpBody.parse(JSON.parse(record.body)), work)
}

/** Like `tasks`, for bodies that need opening: each record becomes a list of items. */
export function chunks<T>(
  open: (body: string) => Promise<readonly T[]>,
  work: (items: readonly T[]) => Promise<object>,
): BatchHandler {
  return batch(
    (record) => open(record.body),
    (opened) => work(opened.flat()),
  )
}

/** The consumer of hints that something happened to tenants. */
export function hints(
  work: (
    hints: readonly { readonly tenantId: string; readonly tries: number }[],
  ) => Promise<object>,
): BatchHandler {
  return batch(async (record) => eventHintBody.parse(JSON.parse(record.body)), work)
}

/**
 * The consumer of dead-letter queues: every record is handed over, readable or not, with the
 * name of the queue it came from.
 */
export function deadLetters(
  work: (
    letters: readonly {
      readonly queue: string
      readonly queueMessageId: string
      readonly body: string
      readonly wakeUp: WakeUp | undefined
    }[],
  ) => Promise<object>,
): BatchHandler {
  return batch(
    async ({ eventSourceARN, messageId, body }) => ({
      queue: eventSourceARN.split(':').at(-1) ?? '',
      queueMessageId: messageId,
      body,
      wakeUp: readWakeUp(body),
    }),
    work,
  )
}

function readWakeUp(body: string): WakeUp | undefined {
  try {
    return wakeUpBody.safeParse(JSON.parse(body)).data
  } catch {
    return undefined
  }
}

function batch<T>(
  read: (record: SQSRecord) => Promise<T>,
  work: (values: readonly T[]) => Promise<object>,
): BatchHandler {
  return async ({ Records }, context) => {
    log.addContext(context)
    const settled = await Promise.allSettled(Records.map(read))
    const unread = Records.filter((_, index) => settled[index]?.status === 'rejected')
    const values = settled.flatMap((result) =>
      result.status === 'fulfilled' ? [result.value] : [],
    )
    for (const result of settled) {
      if (result.status === 'rejected') log.error('body unreadable', describeError(result.reason))
    }
    try {
      if (values.length > 0) log.info('batch done', { ...(await work(values)) })
      return { batchItemFailures: unread.map(toFailure) }
    } catch (error) {
      log.error('batch failed', describeError(error))
      return { batchItemFailures: Records.map(toFailure) }
    }
  }
}

function toFailure({ messageId }: SQSRecord) {
  return { itemIdentifier: messageId }
}
