import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs'
import type { TaskQueue, TaskType, Wake } from '../../ports/task-queue.ts'
import { inBatchesOf } from './batches.ts'

/** SQS takes ten entries a batch. */
const batchSize = 10

/**
 * Wake-ups over SQS: ids only, grouped by tenant for fair queues. Losses are counted; a type whose
 * queue is not given counts as lost, and the relay brings it.
 */
export function makeSqsTaskQueue(
  client: SQSClient,
  queueUrls: Readonly<Partial<Record<TaskType, string | undefined>>>,
  onFailure: (error: unknown) => void,
): TaskQueue {
  async function sendBatch(type: TaskType, wakes: readonly Wake[]): Promise<number> {
    try {
      if (queueUrls[type] === undefined) throw new Error(`no queue for ${type}`)
      const answer = await client.send(
        new SendMessageBatchCommand({
          QueueUrl: queueUrls[type],
          Entries: wakes.map((wake, index) => ({
            Id: String(index),
            MessageBody: JSON.stringify({ tenantId: wake.tenantId, taskId: wake.taskId }),
            MessageGroupId: wake.tenantId,
            DelaySeconds: Math.min(900, Math.max(0, Math.ceil(wake.inSeconds))),
          })),
        }),
      )
      return answer.Failed?.length ?? 0
    } catch (error) {
      onFailure(error)
      return wakes.length
    }
  }

  return {
    wake: async (wakes) => {
      const byType = Map.groupBy(wakes, ({ type }) => type)
      const failures = await Promise.all(
        [...byType].flatMap(([type, ofType]) =>
          inBatchesOf(batchSize, ofType).map((batch) => sendBatch(type, batch)),
        ),
      )
      return { failed: failures.reduce((sum, failed) => sum + failed, 0) }
    },
  }
}
