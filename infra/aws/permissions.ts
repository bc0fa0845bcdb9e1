import { type Acknowledgment, ArnFormat, Aws, Stack, Validations } from 'aws-cdk-lib'
import type * as events from 'aws-cdk-lib/aws-events'
import * as iam from 'aws-cdk-lib/aws-iam'
import type * as kms from 'aws-cdk-lib/aws-kms'
import type * as s3 from 'aws-cdk-lib/aws-s3'
import type { Database } from '#infra/aws/database.ts'
import type { KeysAndSecrets } from '#infra/aws/keys-and-secrets.ts'
import type { Mail } from '#infra/aws/mail.ts'
import type { WorkQueue } from '#infra/aws/queues.ts'
import { inboxPrefix } from '#infra/aws/receiving.ts'
import { type Access, type QueueName, senderSecretPrefix } from '#infra/topology.ts'
import { billingSecretPrefix } from '#infra/topology-billing.ts'
import { mailConfigurationSet } from '#infra/topology-mail.ts'
import type { FunctionSpec } from '#infra/topology-shapes.ts'

export interface Resources {
  readonly keys: KeysAndSecrets
  readonly database: Database
  readonly chunks: s3.Bucket
  readonly media: s3.Bucket
  /** Ends of the audit's chains. */
  readonly audit: s3.Bucket
  readonly ledger: s3.Bucket
  /** Undefined: the deployment wants none. */
  readonly bus: events.EventBus | undefined
  /** Undefined where no mail is sent. */
  readonly mail: Mail | undefined
  readonly queues: Readonly<Record<QueueName, WorkQueue>>
}

const allow = (actions: string[], ...resources: string[]) =>
  new iam.PolicyStatement({ actions, resources })

const readSecret = (...arns: string[]) => allow(['secretsmanager:GetSecretValue'], ...arns)

/** The least statements per kind of access; a new kind does not compile before it has some. */
const statements: Readonly<Record<Access, (resources: Resources) => iam.PolicyStatement[]>> = {
  database: ({ database, keys }) => [
    allow(
      [
        'rds-data:BatchExecuteStatement',
        'rds-data:BeginTransaction',
        'rds-data:CommitTransaction',
        'rds-data:ExecuteStatement',
        'rds-data:RollbackTransaction',
      ],
      database.cluster.clusterArn,
    ),
    readSecret(keys.functionsSecret.secretArn),
  ],
  'owner-secret': ({ keys }) => [readSecret(keys.ownerSecret.secretArn)],
  'data-key': ({ keys }) => [allow(['kms:Decrypt', 'kms:GenerateDataKey'], keys.dataKey.keyArn)],
  'webhook-backlog': ({ queues }) => [
    allow(['sqs:GetQueueAttributes'], queues.WEBHOOK_EVENT.queue.queueArn),
  ],
  'event-bus': ({ bus }) => (bus ? [allow(['events:PutEvents'], bus.eventBusArn)] : []),
  'meta-secret': ({ keys }) => [readSecret(keys.metaSecret.secretArn)],
  'sender-secrets': ({ keys }) => [readSecret(secretsArn(keys, senderSecretPrefix))],
  'billing-secrets': ({ keys }) => [readSecret(secretsArn(keys, billingSecretPrefix))],
  'chunks:write': (resources) => [
    allow(['s3:PutObject'], resources.chunks.arnForObjects('*')),
    throughStorage(resources, 'kms:GenerateDataKey'),
  ],
  'chunks:read': (resources) => [
    allow(['s3:GetObject'], resources.chunks.arnForObjects('*')),
    throughStorage(resources, 'kms:Decrypt'),
  ],
  'media:write': (resources) => [
    allow(['s3:PutObject'], resources.media.arnForObjects(`${filePrefix}*`)),
    throughStorage(resources, 'kms:GenerateDataKey'),
  ],
  'media:read': (resources) => [
    allow(['s3:GetObject'], resources.media.arnForObjects(`${filePrefix}*`)),
    // Without it S3 answers 403 where nothing lies, as if a right were missing.
    allow(['s3:ListBucket'], resources.media.bucketArn),
    throughStorage(resources, 'kms:Decrypt'),
  ],
  'exports:write': (resources) => [
    allow(
      ['s3:PutObject', 's3:AbortMultipartUpload'],
      resources.media.arnForObjects(`${exportPrefix}*`),
    ),
    // Parts of an object are sealed under one key, which each part opens again.
    throughStorage(resources, 'kms:GenerateDataKey'),
    throughStorage(resources, 'kms:Decrypt'),
  ],
  'exports:read': (resources) => [
    allow(['s3:GetObject'], resources.media.arnForObjects(`${exportPrefix}*`)),
    throughStorage(resources, 'kms:Decrypt'),
  ],
  'exports:delete': ({ media }) => [
    allow(['s3:DeleteObject'], media.arnForObjects(`${exportPrefix}*`)),
  ],
  'audit-heads:write': ({ audit }) => [
    allow(['s3:PutObject'], audit.arnForObjects(`${headPrefix}*`)),
  ],
  'media:delete': ({ media }) => [
    allow(['s3:DeleteObject'], media.arnForObjects(`${filePrefix}*`)),
  ],
  'ledger:write': (resources) => [
    allow(['s3:PutObject'], resources.ledger.arnForObjects('*')),
    throughStorage(resources, 'kms:GenerateDataKey'),
  ],
  'mail:send': ({ keys, mail }) =>
    mail === undefined
      ? []
      : [
          allow(
            ['ses:SendRawEmail'],
            sesArn(keys, 'identity/*'),
            sesArn(keys, ownConfigurationSet),
          ),
        ],
  'inbound-mail:read': ({ keys, mail }) =>
    mail?.inbox === undefined
      ? []
      : [
          allow(['s3:GetObject'], mail.inbox.arnForObjects(`${inboxPrefix}*`)),
          // As of media: what was erased is not there.
          allow(['s3:ListBucket'], mail.inbox.bucketArn),
          throughS3(keys.mailKey, 'kms:Decrypt'),
        ],
  'inbound-mail:delete': ({ mail }) =>
    mail?.inbox === undefined
      ? []
      : [allow(['s3:DeleteObject'], mail.inbox.arnForObjects(`${inboxPrefix}*`))],
}

const ownConfigurationSet = `configuration-set/${mailConfigurationSet}`

const sesArn = (keys: KeysAndSecrets, resource: string) =>
  Stack.of(keys).formatArn({ service: 'ses', resource })

const secretsArn = (keys: KeysAndSecrets, prefix: string) =>
  Stack.of(keys).formatArn({
    service: 'secretsmanager',
    resource: 'secret',
    resourceName: `${prefix}*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  })

const throughStorage = ({ keys }: Resources, action: string) => throughS3(keys.storageKey, action)

/** The key of a bucket, usable only by way of S3. */
function throughS3(key: kms.Key, action: string): iam.PolicyStatement {
  return new iam.PolicyStatement({
    actions: [action],
    resources: [key.keyArn],
    conditions: { StringEquals: { 'kms:ViaService': `s3.${Aws.REGION}.amazonaws.com` } },
  })
}

/** Gives a role what its function declares in the topology, and nothing else. */
export function grantDeclared(role: iam.Role, spec: FunctionSpec, resources: Resources): void {
  for (const access of spec.access) {
    for (const statement of statements[access](resources)) role.addToPolicy(statement)
  }
  for (const name of spec.sendsTo) {
    role.addToPolicy(allow(['sqs:SendMessage'], resources.queues[name].queue.queueArn))
  }
  acknowledgeWildcards(role, spec, resources)
}

/** Wildcards that stay, each with the resource as cdk-nag spells it. */
const wildcards: Partial<Record<Access, (resources: Resources) => Acknowledgment | undefined>> = {
  'sender-secrets': () => ({
    id: secretsRule(senderSecretPrefix),
    reason: 'Senders are added while the stack runs; the wildcard ends in their prefix.',
  }),
  'billing-secrets': () => ({
    id: secretsRule(billingSecretPrefix),
    reason: 'Finance systems are added while the stack runs; the wildcard ends in their prefix.',
  }),
  'chunks:write': ({ chunks }) => objectsOf(chunks),
  'chunks:read': ({ chunks }) => objectsOf(chunks),
  'media:write': ({ media }) => objectsOf(media, filePrefix),
  'exports:write': ({ media }) => objectsOf(media, exportPrefix),
  'exports:read': ({ media }) => objectsOf(media, exportPrefix),
  'exports:delete': ({ media }) => objectsOf(media, exportPrefix),
  'audit-heads:write': ({ audit }) => objectsOf(audit, headPrefix),
  'media:read': ({ media }) => objectsOf(media, filePrefix),
  'media:delete': ({ media }) => objectsOf(media, filePrefix),
  'ledger:write': ({ ledger }) => objectsOf(ledger),
  'mail:send': ({ mail }) =>
    mail && {
      id: wildcardRule('arn:<AWS::Partition>:ses:<AWS::Region>:<AWS::AccountId>:identity/*'),
      reason: "Tenants' own domains are verified while the stack runs; only mails can be sent.",
    },
  'inbound-mail:read': ({ mail }) => mail?.inbox && objectsOf(mail.inbox, inboxPrefix),
  'inbound-mail:delete': ({ mail }) => mail?.inbox && objectsOf(mail.inbox, inboxPrefix),
}

/** Under which shared/adapters/storage/s3-audit-heads.ts writes. */
const headPrefix = 'heads/'

/** Under which `objectKey` puts files. */
const filePrefix = 'media/'

/** Under which begin_export_v1 puts copies of persons. */
const exportPrefix = 'exports/'

const wildcardRule = (resource: string) => `AwsSolutions-IAM5[Resource::${resource}]`

const secretsRule = (prefix: string) =>
  wildcardRule(
    `arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:${prefix}*`,
  )

function objectsOf(bucket: s3.Bucket, prefix = ''): Acknowledgment {
  const logicalId = Stack.of(bucket).getLogicalId(bucket.node.defaultChild as s3.CfnBucket)
  return {
    id: wildcardRule(`<${logicalId}.Arn>/${prefix}*`),
    reason: 'Objects of one bucket; their names are made at run time.',
  }
}

function acknowledgeWildcards(role: iam.Role, spec: FunctionSpec, resources: Resources): void {
  for (const access of spec.access) {
    const acknowledgment = wildcards[access]?.(resources)
    if (acknowledgment) Validations.of(role).acknowledge(acknowledgment)
  }
}
