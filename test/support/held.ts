import { GetObjectCommand, ListBucketsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import {
  GetQueueAttributesCommand,
  ListQueuesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import { s3Client } from '#infra/local/resources.ts'

/** What waits in each queue, by its name; read as a consumer reads it, and hidden from now on. */
export async function heldMessages(
  sqs: SQSClient,
): Promise<ReadonlyMap<string, readonly Message[]>> {
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}))
  const held = new Map<string, Message[]>()
  for (const QueueUrl of QueueUrls) {
    const messages: Message[] = []
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: 10,
          WaitTimeSeconds: 0,
          MessageAttributeNames: ['All'],
          MessageSystemAttributeNames: ['All'],
        }),
      )
      if (Messages.length === 0) break
      messages.push(...Messages)
    }
    held.set(QueueUrl.split('/').at(-1) ?? '', messages)
  }
  return held
}

/** How many messages wait in a queue. */
export async function waitingIn(sqs: SQSClient, QueueUrl: string): Promise<number> {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
  )
  return Number(Attributes?.ApproximateNumberOfMessages)
}

/** Every object of every bucket, by bucket and key. */
export async function storedObjects(endpoint: string): Promise<ReadonlyMap<string, string>> {
  const s3 = s3Client(endpoint)
  const stored = new Map<string, string>()
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}))
  for (const { Name: Bucket = '' } of Buckets) {
    let ContinuationToken: string | undefined
    do {
      const listed = await s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken }))
      for (const { Key = '' } of listed.Contents ?? []) {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }))
        stored.set(`${Bucket}/${Key}`, (await Body?.transformToString()) ?? '')
      }
      ContinuationToken = listed.NextContinuationToken
    } while (ContinuationToken !== undefined)
  }
  s3.destroy()
  return stored
}
