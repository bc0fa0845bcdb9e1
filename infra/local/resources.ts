import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { type Lookup, withPseudoParameters } from './assembly/intrinsics.ts'
import type { Assembly, Queue } from './assembly/types.ts'
import type { Kms } from './kms.ts'
import type { SecretsManager } from './secrets-manager.ts'

export const place = { region: 'sa-east-1', accountId: '000000000000' }
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }

export interface QueueAddress {
  readonly url: string
  readonly arn: string
}

export function sqsClient(endpoint: string): SQSClient {
  return new SQSClient({ endpoint, region: place.region, credentials })
}

export function s3Client(endpoint: string): S3Client {
  return new S3Client({ endpoint, region: place.region, credentials, forcePathStyle: true })
}

/** Makes the template's queues, dead-letter ones first; by logical id. */
export async function createQueues(
  client: SQSClient,
  endpoint: string,
  assembly: Assembly,
): Promise<ReadonlyMap<string, QueueAddress>> {
  const made = new Map<string, QueueAddress>()
  const sorted = assembly.queues.toSorted(
    (a, b) => Number(a.deadLetter !== undefined) - Number(b.deadLetter !== undefined),
  )
  for (const queue of sorted) {
    made.set(queue.logicalId, await createQueue(client, endpoint, { queue, made }))
  }
  return made
}

async function createQueue(
  client: SQSClient,
  endpoint: string,
  { queue, made }: { queue: Queue; made: ReadonlyMap<string, QueueAddress> },
): Promise<QueueAddress> {
  const dead = queue.deadLetter && made.get(queue.deadLetter.queueLogicalId)
  const { QueueUrl = '' } = await client.send(
    new CreateQueueCommand({
      QueueName: queue.name,
      Attributes: {
        VisibilityTimeout: String(queue.visibilityTimeoutSeconds),
        DelaySeconds: String(queue.delaySeconds),
        MessageRetentionPeriod: String(queue.retentionSeconds),
        ...(dead && {
          RedrivePolicy: JSON.stringify({
            deadLetterTargetArn: dead.arn,
            maxReceiveCount: queue.deadLetter?.maxReceiveCount,
          }),
        }),
      },
    }),
  )
  // The SDK follows the address's own host, which need not resolve on this machine.
  const url = new URL(QueueUrl.replace(/^https?:\/\/[^/]+/, ''), endpoint).href
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }),
  )
  return { url, arn: Attributes?.QueueArn ?? '' }
}

/** Bucket names by logical id. */
export async function createBuckets(
  client: S3Client,
  assembly: Assembly,
): Promise<ReadonlyMap<string, string>> {
  const made = new Map<string, string>()
  for (const { logicalId, type } of assembly.resources.values()) {
    if (type !== 'AWS::S3::Bucket') continue
    const name = `recado-${logicalId.toLowerCase()}`
    await client.send(new CreateBucketCommand({ Bucket: name }))
    made.set(logicalId, name)
  }
  return made
}

export interface Parts {
  readonly assembly: Assembly
  readonly queues: ReadonlyMap<string, QueueAddress>
  readonly buckets: ReadonlyMap<string, string>
  readonly topics: ReadonlyMap<string, string>
  readonly kms: Kms
  readonly secrets: SecretsManager
  readonly secretStrings: (name: string) => string
}

/** Gives every `Ref` and `Fn::GetAtt` of the template what stands for it here. */
export function resourceLookup(parts: Parts): Lookup {
  const arns = new Map<string, string>()
  const lookup: Lookup = (logicalId, attribute) => {
    const resource = parts.assembly.resources.get(logicalId)
    switch (resource?.type) {
      case 'AWS::SQS::Queue': {
        const queue = parts.queues.get(logicalId)
        return attribute === 'Arn' ? queue?.arn : queue?.url
      }
      case 'AWS::S3::Bucket':
        return parts.buckets.get(logicalId)
      case 'AWS::Events::EventBus':
        return resource.properties.Name
      case 'AWS::SNS::Topic':
        return parts.topics.get(logicalId)
      case 'AWS::KMS::Key':
        return parts.kms.keyArn
      case 'AWS::RDS::DBCluster':
        return resource.properties.DBClusterIdentifier
      case 'AWS::SecretsManager::Secret': {
        const name = String(resource.properties.Name)
        const arn = arns.get(name) ?? parts.secrets.put(name, parts.secretStrings(name))
        arns.set(name, arn)
        return arn
      }
      case 'AWS::SecretsManager::SecretTargetAttachment':
        return attachedSecret(resource.properties.SecretId, lookup)
      default:
        return undefined
    }
  }
  return withPseudoParameters(place, lookup)
}

function attachedSecret(reference: unknown, lookup: Lookup): unknown {
  const { Ref } = reference as { Ref?: string }
  return Ref === undefined ? undefined : lookup(Ref, undefined)
}
