import {
  GetQueueAttributesCommand,
  paginateListQueues,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import type { RecordedFailure } from '#shared/adapters/database/task-failures.ts'
import { deploymentTenantId } from '#shared/domain/deployment.ts'
import type { TransitSealer } from '#shared/ports/sealer.ts'
import { deadLetterPlace } from '#shared/use-cases/record-failures.ts'
import { CommandRefused } from './refused.ts'

/** The bodies of recorded failures. Both throw CommandRefused for one whose body has gone. */
export interface Letters {
  open(failure: RecordedFailure): Promise<string>
  /** Throws CommandRefused, too, when no queue of this account has that dead-letter queue. */
  putBack(
    failure: RecordedFailure,
  ): Promise<{ readonly queue: string; readonly queueMessageId: string }>
}

export function makeLetters(parts: {
  readonly client: SQSClient
  readonly transit: TransitSealer
  readonly sealedBody: (taskFailureId: string) => Promise<string | undefined>
}): Letters {
  const { client, transit, sealedBody } = parts
  const open: Letters['open'] = async ({ queue, queueMessageId, taskFailureId }) => {
    const sealed = await sealedBody(taskFailureId)
    if (sealed === undefined) {
      throw new CommandRefused(
        `The body of failure ${taskFailureId} has gone: nobody resolved it in the days that ended tasks are kept. It cannot be put back; failures dismiss ${taskFailureId} puts it away.`,
      )
    }
    return transit.open(deadLetterPlace(queue, queueMessageId), sealed)
  }
  return {
    open,
    putBack: async (failure) => {
      const body = await open(failure)
      const queueUrl = await findSourceQueue(client, failure.queue)
      const { MessageId = '' } = await client.send(
        new SendMessageCommand({
          QueueUrl: queueUrl,
          MessageBody: body,
          ...(failure.tenantId !== deploymentTenantId && { MessageGroupId: failure.tenantId }),
        }),
      )
      return { queue: nameIn(queueUrl), queueMessageId: MessageId }
    },
  }
}

/**
 * The queue whose dead letters go to the one of this name. The queues of a stack begin with the
 * stack's name, so that few are asked.
 */
async function findSourceQueue(client: SQSClient, deadLetterQueue: string): Promise<string> {
  const [prefix] = deadLetterQueue.split('-')
  const pages = paginateListQueues({ client, pageSize: 100 }, { QueueNamePrefix: prefix })
  for await (const { QueueUrls = [] } of pages) {
    for (const queueUrl of QueueUrls) {
      if ((await deadLetterQueueOf(client, queueUrl)) === deadLetterQueue) return queueUrl
    }
  }
  throw new CommandRefused(
    `No queue of this account and region sends its dead letters to ${deadLetterQueue}.`,
  )
}

async function deadLetterQueueOf(client: SQSClient, queueUrl: string): Promise<string | undefined> {
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['RedrivePolicy'] }),
  )
  const policy = Attributes?.RedrivePolicy
  if (policy === undefined) return undefined
  const { deadLetterTargetArn } = JSON.parse(policy) as { deadLetterTargetArn?: string }
  return deadLetterTargetArn?.split(':').at(-1)
}

function nameIn(queueUrl: string): string {
  return queueUrl.split('/').at(-1) ?? ''
}
