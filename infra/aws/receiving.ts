import { ArnFormat, Aws, CfnRule, Duration, Fn, Stack, Validations } from 'aws-cdk-lib'
import * as iam from 'aws-cdk-lib/aws-iam'
import type * as kms from 'aws-cdk-lib/aws-kms'
import * as s3 from 'aws-cdk-lib/aws-s3'
import * as ses from 'aws-cdk-lib/aws-ses'
import type { Construct } from 'constructs'
import { keepForRestores } from '#infra/aws/keys-and-secrets.ts'
import { bySes, mailTopic } from '#infra/aws/mail-topic.ts'
import type { WorkQueue } from '#infra/aws/queues.ts'
import { receivingRegions } from '#infra/aws/receiving-regions.ts'

/** SES allows one active set in an account and region: `docs/deploy.md` says how to choose this. */
const ruleSetName = 'recado'
const ruleName = 'recado-inbound'

/** How long mails are kept as they came in; receipts of erasures count with it. */
export const rawMailDays = 30

/** Objects of mails lie under it; SES's own test object too. */
export const inboxPrefix = 'inbound/'

export interface ReceivingProps {
  readonly replyDomain: string
  readonly mailKey: kms.Key
  readonly work: WorkQueue
}

/** Receipt rule → bucket and topic → queue, for the domain and all of its subdomains. */
export function receiveMail(
  scope: Construct,
  { replyDomain, mailKey, work }: ReceivingProps,
): s3.Bucket {
  const inbox = inboxBucket(scope, mailKey)
  const topic = mailTopic(scope, { mailKey, work })
  const byRule = { ...bySes, conditions: fromRule(scope) }
  const mayPut = inbox.addToResourcePolicy(
    new iam.PolicyStatement({
      ...byRule,
      actions: ['s3:PutObject'],
      resources: [inbox.arnForObjects(`${inboxPrefix}*`)],
    }),
  )
  const mayPublish = topic.addToResourcePolicy(
    new iam.PolicyStatement({
      ...byRule,
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
    }),
  )
  const rules = new ses.ReceiptRuleSet(scope, 'Rules', { receiptRuleSetName: ruleSetName })
  const rule = rules.addRule('Inbound', {
    receiptRuleName: ruleName,
    recipients: [replyDomain, `.${replyDomain}`],
    scanEnabled: true,
    tlsPolicy: ses.TlsPolicy.OPTIONAL,
    actions: [toBucket({ inbox, topicArn: topic.topicArn })],
  })
  // SES tries bucket and topic when the rule is made.
  for (const { policyDependable } of [mayPut, mayPublish]) {
    if (policyDependable) rule.node.addDependency(policyDependable)
  }
  refuseElsewhere(scope)
  return inbox
}

/** The CDK's own action would let any rule of the account write, by an older kind of condition. */
function toBucket(to: {
  readonly inbox: s3.Bucket
  readonly topicArn: string
}): ses.IReceiptRuleAction {
  const s3Action = {
    bucketName: to.inbox.bucketName,
    objectKeyPrefix: inboxPrefix,
    topicArn: to.topicArn,
  }
  return { bind: () => ({ s3Action }) }
}

function fromRule(scope: Construct) {
  const ruleArn = Stack.of(scope).formatArn({
    service: 'ses',
    resource: 'receipt-rule-set',
    resourceName: `${ruleSetName}:receipt-rule/${ruleName}`,
    arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  })
  return { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID, 'aws:SourceArn': ruleArn } }
}

function inboxBucket(scope: Construct, encryptionKey: kms.Key): s3.Bucket {
  const bucket = new s3.Bucket(scope, 'Inbox', {
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    bucketKeyEnabled: true,
    encryption: s3.BucketEncryption.KMS,
    encryptionKey,
    enforceSSL: true,
    lifecycleRules: [
      {
        expiration: Duration.days(rawMailDays),
        abortIncompleteMultipartUploadAfter: Duration.days(1),
      },
    ],
    minimumTLSVersion: 1.2,
    removalPolicy: keepForRestores,
  })
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions-S1',
    reason:
      'Written by one rule of SES and read by one function, for 30 days; access logs would be a ' +
      'second bucket that says nothing more.',
  })
  return bucket
}

/** Synthesis need not know the region; CloudFormation does, and says so before it makes anything. */
function refuseElsewhere(scope: Construct): void {
  new CfnRule(scope, 'ReceivesHere', {
    assertions: [
      {
        assert: Fn.conditionContains([...receivingRegions], Aws.REGION),
        assertDescription: 'SES receives no mail in this region: deploy without inboundMail=true',
      },
    ],
  })
}
