import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns'

export interface AwsSink {
  readonly endpoint: string
  readonly region: string
}

/** The embedded services take any; a real one found through its endpoint would refuse them. */
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }

export interface TopicPublisher {
  publish(subject: string, message: unknown): Promise<void>
  close(): void
}

export function makeTopicPublisher(sink: AwsSink, topicArn: string): TopicPublisher {
  const client = new SNSClient({ ...sink, credentials })
  return {
    async publish(subject, message) {
      const command = { TopicArn: topicArn, Subject: subject, Message: JSON.stringify(message) }
      await client.send(new PublishCommand(command))
    },
    close: () => client.destroy(),
  }
}

export interface BucketWriter {
  put(key: string, body: Buffer): Promise<void>
  close(): void
}

export function makeBucketWriter(sink: AwsSink, bucket: string): BucketWriter {
  const client = new S3Client({ ...sink, credentials, forcePathStyle: true })
  return {
    async put(key, body) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }))
    },
    close: () => client.destroy(),
  }
}
