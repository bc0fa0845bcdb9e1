import { Aws } from 'aws-cdk-lib'
import * as iam from 'aws-cdk-lib/aws-iam'
import type * as kms from 'aws-cdk-lib/aws-kms'
import * as sns from 'aws-cdk-lib/aws-sns'
import type { Construct } from 'constructs'
import type { WorkQueue } from '#infra/aws/queues.ts'

export const bySes = {
  principals: [new iam.ServicePrincipal('ses.amazonaws.com')],
  conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
}

/** For what SES of this account publishes and stores. */
export function letSesUse(key: kms.Key): void {
  key.addToResourcePolicy(
    new iam.PolicyStatement({
      ...bySes,
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      resources: ['*'],
    }),
  )
}

/** The topic by which SES feeds a queue. What SNS may not hand over goes to the queue's DLQ. */
export function mailTopic(
  scope: Construct,
  { mailKey, work }: { readonly mailKey: kms.Key; readonly work: WorkQueue },
): sns.Topic {
  const topic = new sns.Topic(scope, `${work.name}-topic`, {
    ...(work.spec.topic !== undefined && { topicName: work.spec.topic }),
    masterKey: mailKey,
    enforceSSL: true,
  })
  const subscription = new sns.Subscription(scope, `${work.name}-subscription`, {
    topic,
    protocol: sns.SubscriptionProtocol.SQS,
    endpoint: work.queue.queueArn,
    rawMessageDelivery: false,
    deadLetterQueue: work.deadLetters,
  })
  // SNS gives up at once on a queue whose policy refuses it.
  subscription.node.addDependency(work.queue, work.deadLetters)
  return topic
}
