import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns'
import type { Assembly } from './assembly/types.ts'
import { place, type QueueAddress } from './resources.ts'

/** Makes the template's topics and subscribes its queues; ARNs by logical id. */
export async function createTopics(
  endpoint: string,
  { topics, subscriptions }: Assembly,
  queues: ReadonlyMap<string, QueueAddress>,
): Promise<ReadonlyMap<string, string>> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const client = new SNSClient({ endpoint, region: place.region, credentials })
  const made = new Map<string, string>()
  for (const { logicalId, name } of topics) {
    const { TopicArn = '' } = await client.send(new CreateTopicCommand({ Name: name }))
    made.set(logicalId, TopicArn)
  }
  for (const { topicLogicalId, queueLogicalId, isRaw } of subscriptions) {
    await client.send(
      new SubscribeCommand({
        TopicArn: made.get(topicLogicalId),
        Protocol: 'sqs',
        Endpoint: queues.get(queueLogicalId)?.arn,
        Attributes: { RawMessageDelivery: String(isRaw) },
      }),
    )
  }
  client.destroy()
  return made
}
