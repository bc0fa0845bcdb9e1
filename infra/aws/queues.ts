import { Aws, Duration, Stack, Tags } from 'aws-cdk-lib'
import * as iam from 'aws-cdk-lib/aws-iam'
import type * as kms from 'aws-cdk-lib/aws-kms'
import * as sqs from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { deadLetterConsumer, functions, type QueueName, queues } from '#infra/topology.ts'
import type { QueueSpec } from '#infra/topology-shapes.ts'

/** A queue and its dead letters together: the time of sending stays when a message is moved. */
export const queueDays = 14
const longestRetention = Duration.days(queueDays)
/** Shorter than in the DLQ: a standard queue keeps the first time of sending when it moves one. */
const retention = Duration.days(7)
/** Bodies that are not sealed wait no longer than an outage over a weekend. */
const clearRetention = Duration.days(4)

/** A standard queue for what nobody could take; tagged so that tools find it. */
export function deadLetterQueue(
  scope: Construct,
  id: string,
  { origin, encryptionKey }: { readonly origin: string; readonly encryptionKey?: kms.Key },
): sqs.Queue {
  const queue = new sqs.Queue(scope, id, {
    ...encryptedBy(encryptionKey),
    enforceSSL: true,
    retentionPeriod: longestRetention,
    visibilityTimeout: Duration.seconds(6 * functions[deadLetterConsumer].timeoutSeconds),
  })
  Tags.of(queue).add('recado:dlq', origin)
  return queue
}

/** Queue and DLQ of one task type; they come together or not at all. */
export class WorkQueue extends Construct {
  readonly name: QueueName
  readonly spec: QueueSpec
  readonly queue: sqs.Queue
  readonly deadLetters: sqs.Queue

  constructor(scope: Construct, name: QueueName, clearKey: kms.Key) {
    super(scope, name)
    this.name = name
    this.spec = queues[name]
    const { topic, bus, maxReceiveCount } = this.spec
    const isClear = topic !== undefined || bus !== undefined
    const encryptionKey = isClear ? clearKey : undefined
    this.deadLetters = deadLetterQueue(this, 'DeadLetters', {
      origin: name,
      ...(encryptionKey && { encryptionKey }),
    })
    this.queue = new sqs.Queue(this, 'Queue', {
      ...encryptedBy(encryptionKey),
      enforceSSL: true,
      // A chunk of a webhook exists only here once Meta has its 200.
      retentionPeriod: isClear ? clearRetention : retention,
      visibilityTimeout: Duration.seconds(visibilitySeconds(this.spec)),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount },
    })
    Tags.of(this.queue).add('recado:queue', name)
    if (topic !== undefined) this.#letTopicSend(topicArn(this, topic), clearKey)
  }

  #letTopicSend(sourceArn: string, key: kms.Key): void {
    const bySns = {
      principals: [new iam.ServicePrincipal('sns.amazonaws.com')],
      conditions: { ArnEquals: { 'aws:SourceArn': sourceArn } },
    }
    this.queue.addToResourcePolicy(
      new iam.PolicyStatement({
        ...bySns,
        actions: ['sqs:SendMessage'],
        resources: [this.queue.queueArn],
      }),
    )
    key.addToResourcePolicy(
      new iam.PolicyStatement({
        ...bySns,
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'],
      }),
    )
  }
}

/** By its fixed name: the key's policy names the topic, and the topic its key. */
function topicArn(scope: Construct, resource: string): string {
  return Stack.of(scope).formatArn({ service: 'sns', resource })
}

function encryptedBy(encryptionMasterKey: kms.Key | undefined): sqs.QueueProps {
  return encryptionMasterKey === undefined
    ? { encryption: sqs.QueueEncryption.SQS_MANAGED }
    : { encryption: sqs.QueueEncryption.KMS, encryptionMasterKey }
}

/** Six times the function's timeout plus the window: what Lambda asks of an SQS source. */
function visibilitySeconds(spec: QueueSpec): number {
  return 6 * functions[spec.consumer].timeoutSeconds + spec.maxBatchingWindowSeconds
}

/** Every queue of the topology, by its name. */
export function workQueues(
  scope: Construct,
  clearKey: kms.Key,
): Readonly<Record<QueueName, WorkQueue>> {
  const names = Object.keys(queues) as QueueName[]
  const made = names.map((name) => [name, new WorkQueue(scope, name, clearKey)])
  return Object.fromEntries(made)
}

/** The key of an encrypted queue, usable only by way of SQS. */
export function throughQueue(key: kms.IKey): iam.PolicyStatement {
  return new iam.PolicyStatement({
    actions: ['kms:Decrypt'],
    resources: [key.keyArn],
    conditions: { StringEquals: { 'kms:ViaService': `sqs.${Aws.REGION}.amazonaws.com` } },
  })
}
