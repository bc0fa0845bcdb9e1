import { Duration, Tags } from 'aws-cdk-lib'
import * as sqs from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { deadLetterConsumer, functions, type QueueName, queues } from '#infra/topology.ts'
import type { QueueSpec } from '#infra/topology-shapes.ts'

const longestRetention = Duration.days(14)

/** A standard queue for what nobody could take; tagged so that tools find it. */
export function deadLetterQueue(scope: Construct, id: string, origin: string): sqs.Queue {
  const queue = new sqs.Queue(scope, id, {
    encryption: sqs.QueueEncryption.SQS_MANAGED,
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

  constructor(scope: Construct, name: QueueName) {
    super(scope, name)
    this.name = name
    this.spec = queues[name]
    this.deadLetters = deadLetterQueue(this, 'DeadLetters', name)
    this.queue = new sqs.Queue(this, 'Queue', {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      // A chunk of a webhook exists only here once Meta has its 200. Shorter than in the DLQ,
      // because a standard queue keeps the first time of sending when it moves a message.
      retentionPeriod: Duration.days(7),
      visibilityTimeout: Duration.seconds(visibilitySeconds(this.spec)),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: this.spec.maxReceiveCount },
    })
    Tags.of(this.queue).add('recado:queue', name)
  }
}

/** Six times the function's timeout plus the window: what Lambda asks of an SQS source. */
function visibilitySeconds(spec: QueueSpec): number {
  return 6 * functions[spec.consumer].timeoutSeconds + spec.maxBatchingWindowSeconds
}

/** Every queue of the topology, by its name. */
export function workQueues(scope: Construct): Readonly<Record<QueueName, WorkQueue>> {
  const names = Object.keys(queues) as QueueName[]
  const made = names.map((name) => [name, new WorkQueue(scope, name)])
  return Object.fromEntries(made)
}
