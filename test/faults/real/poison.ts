import { setTimeout as pause } from 'node:timers/promises'
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs'
import type { Luck } from '../simulation/luck.ts'
import type { Campaign } from './campaign.ts'
import type { Ledgers } from './ledgers.ts'

const unreadable = [
  'not json',
  '{}',
  '[]',
  'null',
  '{"tenantId":"1"}',
  '{"version":0,"task":{"id":7}}',
  '{"tenantId":{},"taskId":[]}',
  '{"sealed":"bm9uZQ==.bm9uZQ=="}',
  '{"object":"chunks/none"}',
]

/** Puts bodies that no code can read on the queues, in the first moments of the campaign. */
export async function plantPoison(
  client: SQSClient,
  queueUrls: ReadonlyMap<string, string>,
  { campaign, ledgers, luck }: { campaign: Campaign; ledgers: Ledgers; luck: Luck },
): Promise<void> {
  for (const [queue, count] of Object.entries(campaign.poison)) {
    for (let index = 0; index < count; index += 1) {
      const { MessageId = '' } = await client.send(
        new SendMessageCommand({
          QueueUrl: queueUrls.get(queue),
          MessageBody: luck.pick(unreadable),
        }),
      )
      ledgers.planted.push({ queue, queueMessageId: MessageId })
      await pause(100)
    }
  }
}
