import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs'
import type { WebhookBacklog } from '../../ports/webhook-backlog.ts'

/** Messages of a queue, waiting or in flight, as SQS estimates them. */
export function makeSqsBacklog(client: SQSClient, queueUrl: string): WebhookBacklog {
  return {
    size: async () => {
      const { Attributes = {} } = await client.send(
        new GetQueueAttributesCommand({
          QueueUrl: queueUrl,
          AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
        }),
      )
      return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0)
    },
  }
}
