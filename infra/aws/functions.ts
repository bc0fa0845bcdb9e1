import { join } from 'node:path'
import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib'
import * as iam from 'aws-cdk-lib/aws-iam'
import * as lambda from 'aws-cdk-lib/aws-lambda'
import * as logs from 'aws-cdk-lib/aws-logs'
import type * as sqs from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { noBucket } from '#functions/env.ts'
import { backupDays } from '#infra/aws/database.ts'
import { type EnvironmentValues, environmentOf } from '#infra/aws/environment.ts'
import { grantDeclared, type Resources } from '#infra/aws/permissions.ts'
import { queueDays, throughQueue, type WorkQueue } from '#infra/aws/queues.ts'
import { rawMailDays } from '#infra/aws/receiving.ts'
import type { Settings } from '#infra/aws/settings.ts'
import {
  deadLetterConsumer,
  type FunctionName,
  functions,
  type QueueName,
  queues,
  senderSecretPrefix,
} from '#infra/topology.ts'
import { billingSecretPrefix } from '#infra/topology-billing.ts'
import { mailConfigurationSet } from '#infra/topology-mail.ts'
import { schedules } from '#infra/topology-schedules.ts'
import type { FunctionSpec, QueueSpec } from '#infra/topology-shapes.ts'

export interface FunctionsProps {
  readonly resources: Resources
  readonly settings: Settings
  /** Holds `<functionName>/index.mjs` for every function of the topology. */
  readonly codeDirectory: string
}

interface QueueSource
  extends Pick<
    QueueSpec,
    'consumer' | 'batchSize' | 'maxBatchingWindowSeconds' | 'maxConcurrency'
  > {
  readonly queue: sqs.Queue
}

/** Every function of the topology, each with its own role and log group. */
export class Functions extends Construct {
  readonly byName: Readonly<Record<FunctionName, lambda.Function>>

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id)
    const values = environmentValues(props)
    const make = ([name, spec]: [string, FunctionSpec]) =>
      [name, this.#function(name, spec, { ...props, values })] as const
    const made = Object.entries(functions).map(make)
    this.byName = Object.fromEntries(made) as Record<FunctionName, lambda.Function>
    for (const queue of Object.values(props.resources.queues)) this.#consume(queue)
  }

  #function(
    name: string,
    spec: FunctionSpec,
    { codeDirectory, resources, values }: FunctionsProps & { values: EnvironmentValues },
  ): lambda.Function {
    const logGroup = new logs.LogGroup(this, `${name}-logs`, {
      logGroupName: `/recado/${name}`,
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    const role = new iam.Role(this, `${name}-role`, {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    })
    logGroup.grantWrite(role)
    grantDeclared(role, spec, resources)
    return new lambda.Function(this, name, {
      // Tools find a function by the first word.
      description: `${name}: ${spec.entry}`,
      code: lambda.Code.fromAsset(join(codeDirectory, name)),
      handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      memorySize: spec.memoryMb,
      timeout: Duration.seconds(spec.timeoutSeconds),
      environment: environmentOf(spec, values),
      role,
      logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      ...selfWaking(name, spec),
      ...onSchedule(name),
    })
  }

  #consume({ queue, deadLetters, spec, name }: WorkQueue): void {
    this.#poll(`${name}-source`, { ...spec, queue })
    this.#poll(`${name}-dead-letters-source`, {
      queue: deadLetters,
      consumer: deadLetterConsumer,
      batchSize: 10,
      maxBatchingWindowSeconds: 0,
      maxConcurrency: 2,
    })
  }

  #poll(id: string, source: QueueSource): void {
    const { queue } = source
    const consumer = this.byName[source.consumer]
    consumer.addToRolePolicy(
      new iam.PolicyStatement({
        actions: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
        resources: [queue.queueArn],
      }),
    )
    const key = queue.encryptionMasterKey
    if (key) consumer.addToRolePolicy(throughQueue(key))
    const mapping = new lambda.EventSourceMapping(this, id, {
      target: consumer,
      eventSourceArn: queue.queueArn,
      batchSize: source.batchSize,
      maxBatchingWindow: Duration.seconds(source.maxBatchingWindowSeconds),
      maxConcurrency: source.maxConcurrency,
      reportBatchItemFailures: true,
    })
    // Lambda refuses a mapping whose role cannot read the queue yet.
    if (consumer.role) mapping.node.addDependency(consumer.role)
  }
}

/**
 * A sender whose wake-ups come back to it (next message of a chat, next attempt) looks like a
 * runaway loop to Lambda, which drops the chain after 16 links. Ours is bounded by `due_at` in
 * the database.
 */
function selfWaking(name: string, spec: FunctionSpec) {
  return consumersAfter(spec).has(name) ? { recursiveLoop: lambda.RecursiveLoop.ALLOW } : {}
}

/** Everyone whom a message of this function may set to work, by any number of queues. */
function consumersAfter(spec: FunctionSpec, reached: Set<string> = new Set()): Set<string> {
  for (const { consumer } of spec.sendsTo.map((queue) => queues[queue])) {
    if (reached.has(consumer)) continue
    reached.add(consumer)
    consumersAfter(functions[consumer], reached)
  }
  return reached
}

/** The next tick repeats the work; Lambda's own two retries would only pile up behind it. */
function onSchedule(name: string) {
  const scheduled = Object.values(schedules).some((schedule) => schedule.function === name)
  return scheduled ? { retryAttempts: 0, maxEventAge: Duration.minutes(1) } : {}
}

function environmentValues({ resources, settings }: FunctionsProps): EnvironmentValues {
  const { keys, database, chunks, media, audit, ledger, mail, bus, queues: work } = resources
  return {
    POWERTOOLS_SERVICE_NAME: 'recado',
    TIME_SCALE: String(settings.timeScale),
    DATABASE_CLUSTER_ARN: database.cluster.clusterArn,
    DATABASE_SECRET_ARN: keys.functionsSecret.secretArn,
    DATABASE_NAME: database.databaseName,
    OWNER_SECRET_ARN: keys.ownerSecret.secretArn,
    DATA_KEY_ARN: keys.dataKey.keyArn,
    META_SECRET_ARN: keys.metaSecret.secretArn,
    WHATSAPP_GRAPH_URL: settings.graphUrl,
    WHATSAPP_GRAPH_VERSION: settings.graphVersion,
    SENDER_SECRET_PREFIX: senderSecretPrefix,
    CHUNK_BUCKET: chunks.bucketName,
    MEDIA_BUCKET: media.bucketName,
    AUDIT_BUCKET: audit.bucketName,
    LEDGER_BUCKET: ledger.bucketName,
    BACKUP_DAYS: String(backupDays),
    EVENT_BUS_NAME: bus?.eventBusName ?? '',
    EVENT_DELIVERY_ADDRESSES: 'public',
    BILLING_SECRET_PREFIX: billingSecretPrefix,
    BILLING_ADDRESSES: 'public',
    INBOUND_MAIL_BUCKET: mail?.inbox?.bucketName ?? noBucket,
    RAW_MAIL_DAYS: String(rawMailDays),
    QUEUE_DAYS: String(queueDays),
    MAIL_REGION: Aws.REGION,
    MAIL_CONFIGURATION_SET: mailConfigurationSet,
    ...queueUrls(Object.values(work)),
  }
}

/** The key of a queue's address is made of its name, so a new queue needs no line here. */
function queueUrls(work: readonly WorkQueue[]): Record<`${QueueName}_QUEUE_URL`, string> {
  const urls = work.map(({ name, queue }) => [`${name}_QUEUE_URL`, queue.queueUrl])
  return Object.fromEntries(urls)
}
