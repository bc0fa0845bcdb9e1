import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { receivingRegions } from '#infra/aws/receiving-regions.ts'
import { type MailQueueName, mailQueues } from '#infra/topology-mail.ts'
import {
  at,
  functionNamed,
  ofType,
  pointsTo,
  queueTagged,
  type Resource,
  type Synthesised,
  synthesised,
  theOne,
} from '#test/infra/synthesised.ts'

const domains = { mailDomain: 'example.com', replyDomain: 'in.example.com' }
const mailTypes = ['AWS::SNS::Subscription', 'AWS::SES::'] as const
const names = Object.keys(mailQueues) as MailQueueName[]

function mailResources(stack: Synthesised): string[] {
  return Object.values(stack.resources)
    .map(({ Type }) => Type)
    .filter((type) => mailTypes.some((prefix) => type.startsWith(prefix)))
    .sort()
}

const only = (stack: Synthesised, type: string): Resource => theOne(ofType(stack, type), type)[1]

function topicOf(stack: Synthesised, name: MailQueueName): [string, Resource] {
  return theOne(
    ofType(stack, 'AWS::SNS::Topic').filter(
      ([, { Properties }]) => Properties.TopicName === mailQueues[name].topic,
    ),
    name,
  )
}

type Policy = readonly Readonly<Record<string, unknown>>[]

/** Statements of the policy that is laid on this resource. */
function policyOn(stack: Synthesised, type: string, target: string): Policy {
  const [, { Properties }] = theOne(
    ofType(stack, type).filter(([, policy]) =>
      [
        ...((policy.Properties.Queues ?? policy.Properties.Topics ?? []) as unknown[]),
        policy.Properties.Bucket,
      ].some((value) => pointsTo(value) === target),
    ),
    `${type} of ${target}`,
  )
  return at(Properties, 'PolicyDocument.Statement') as Policy
}

const byService = (policy: Policy, service: string): Policy =>
  policy.filter(({ Principal }) => at(Principal, 'Service') === `${service}.amazonaws.com`)

describe('without a mail domain', () => {
  let stack: Synthesised
  beforeAll(async () => {
    stack = await synthesised()
  })
  afterAll(() => stack.remove())

  it('has the queues and nothing else of mail', () => {
    expect(mailResources(stack)).toEqual([])
    for (const name of names) expect(queueTagged(stack, 'recado:queue', name)).toHaveLength(2)
    expect(ofType(stack, 'AWS::S3::Bucket').map(([id]) => id)).not.toContainEqual(
      expect.stringContaining('Inbox'),
    )
    expect(JSON.stringify(stack.resources)).not.toContain('ses:SendRawEmail')
  })

  it.each(names)('lets SNS put on %s what one topic carries, and use its key', (name) => {
    const [queueId, queue] = queueTagged(stack, 'recado:queue', name)
    const keyId = pointsTo(queue.Properties.KmsMasterKeyId) ?? ''
    const onKey = at(stack.resources[keyId]?.Properties, 'KeyPolicy.Statement') as Policy
    const allowed = [
      ...byService(policyOn(stack, 'AWS::SQS::QueuePolicy', queueId), 'sns'),
      ...byService(onKey, 'sns').filter((statement) =>
        JSON.stringify(statement).includes(`:${mailQueues[name].topic}"`),
      ),
    ]
    expect(allowed.map(({ Action }) => Action)).toEqual([
      'sqs:SendMessage',
      ['kms:Decrypt', 'kms:GenerateDataKey*'],
    ])
    for (const { Condition } of allowed) {
      expect(JSON.stringify(at(Condition, 'ArnEquals.aws:SourceArn'))).toContain(
        `:${mailQueues[name].topic}"`,
      )
    }
  })

  it('gives its reader the name of no bucket', () => {
    const [, { Properties }] = functionNamed(stack, 'inbound-mail')
    expect(at(Properties, 'Environment.Variables.INBOUND_MAIL_BUCKET')).toBe('OFF')
  })
})

describe('sending', () => {
  let stack: Synthesised
  beforeAll(async () => {
    stack = await synthesised({ mailDomain: 'example.com' })
  })
  afterAll(() => stack.remove())

  it('receives nothing', () => {
    expect(stack.findings).toEqual([])
    expect(mailResources(stack)).toEqual([
      'AWS::SES::ConfigurationSet',
      'AWS::SES::ConfigurationSetEventDestination',
      'AWS::SES::EmailIdentity',
      'AWS::SNS::Subscription',
    ])
  })

  it('watches what SES counts for the account', () => {
    const watched = ofType(stack, 'AWS::CloudWatch::Alarm')
      .map(([, { Properties }]) => Properties)
      .filter(({ Namespace }) => Namespace === 'AWS/SES')
    expect(watched.map(({ MetricName, Threshold }) => [MetricName, Threshold]).sort()).toEqual([
      ['Reputation.BounceRate', 0.05],
      ['Reputation.ComplaintRate', 0.001],
    ])
  })

  it('signs with DKIM and has bounces come back to a subdomain of its own', () => {
    const { Properties } = only(stack, 'AWS::SES::EmailIdentity')
    expect(Properties).toMatchObject({
      EmailIdentity: 'example.com',
      DkimSigningAttributes: { NextSigningKeyLength: 'RSA_2048_BIT' },
      FeedbackAttributes: { EmailForwardingEnabled: false },
      MailFromAttributes: {
        MailFromDomain: 'bounce.example.com',
        BehaviorOnMxFailure: 'USE_DEFAULT_VALUE',
      },
    })
    const [setId] = theOne(ofType(stack, 'AWS::SES::ConfigurationSet'), 'set')
    expect(pointsTo(at(Properties, 'ConfigurationSetAttributes.ConfigurationSetName'))).toBe(setId)
  })

  it('has a configuration set that counts reputation and spares who bounced or complained', () => {
    expect(only(stack, 'AWS::SES::ConfigurationSet').Properties).toMatchObject({
      Name: 'recado',
      DeliveryOptions: { TlsPolicy: 'OPTIONAL' },
      ReputationOptions: { ReputationMetricsEnabled: true },
      SuppressionOptions: { SuppressedReasons: ['BOUNCE', 'COMPLAINT'] },
    })
    const [, { Properties }] = functionNamed(stack, 'message-send')
    expect(at(Properties, 'Environment.Variables')).toMatchObject({
      MAIL_CONFIGURATION_SET: 'recado',
      MAIL_REGION: { Ref: 'AWS::Region' },
    })
  })

  it('tells every kind of event to the topic of events', () => {
    const destination = at(
      only(stack, 'AWS::SES::ConfigurationSetEventDestination').Properties,
      'EventDestination',
    )
    const [topicId] = topicOf(stack, 'EMAIL_EVENT')
    expect(pointsTo(at(destination, 'SnsDestination.TopicARN'))).toBe(topicId)
    expect(at(destination, 'Enabled')).toBe(true)
    expect([...(at(destination, 'MatchingEventTypes') as string[])].sort()).toEqual([
      'bounce',
      'click',
      'complaint',
      'delivery',
      'deliveryDelay',
      'open',
      'reject',
      'renderingFailure',
      'send',
      'subscription',
    ])
  })

  it('prints each record that the owner of the domain publishes', () => {
    const records = Object.entries(stack.outputs).filter(([name]) => name.startsWith('Mail'))
    const texts = records.map(([, output]) => JSON.stringify(at(output, 'Value')))
    expect(texts).toEqual([
      expect.stringMatching(/DkimDNSTokenName1.* CNAME .*DkimDNSTokenValue1/),
      expect.stringMatching(/DkimDNSTokenName2.* CNAME .*DkimDNSTokenValue2/),
      expect.stringMatching(/DkimDNSTokenName3.* CNAME .*DkimDNSTokenValue3/),
      expect.stringContaining('bounce.example.com MX 10 feedback-smtp.'),
      expect.stringContaining('bounce.example.com TXT'),
      expect.stringContaining('_dmarc.example.com TXT'),
    ])
  })
})

describe('receiving', () => {
  let stack: Synthesised
  beforeAll(async () => {
    const choices = { mailTracking: 'false', mailTls: 'required', region: 'sa-east-1' }
    stack = await synthesised({ ...domains, ...choices, inboundMail: 'true' })
  })
  afterAll(() => stack.remove())

  const inbox = () =>
    theOne(
      ofType(stack, 'AWS::S3::Bucket').filter(([id]) => id.startsWith('MailInbox')),
      'inbox',
    )
  const rule = () => only(stack, 'AWS::SES::ReceiptRule')
  const ruleArn = expect.objectContaining({
    'Fn::Join': expect.arrayContaining([
      expect.arrayContaining([':receipt-rule-set/recado:receipt-rule/recado-inbound']),
    ]),
  })

  it('has no finding of the CloudFormation validator or of cdk-nag', () => {
    expect(stack.findings).toEqual([])
  })

  it('scans what comes for the domain and its subdomains, stores it and tells the topic', () => {
    expect(only(stack, 'AWS::SES::ReceiptRuleSet').Properties.RuleSetName).toBe('recado')
    expect(at(rule().Properties, 'Rule')).toMatchObject({
      Name: 'recado-inbound',
      Enabled: true,
      ScanEnabled: true,
      TlsPolicy: 'Optional',
      Recipients: ['in.example.com', '.in.example.com'],
    })
    const actions = at(rule().Properties, 'Rule.Actions') as Policy
    expect(actions).toHaveLength(1)
    const stored = at(actions, '0.S3Action')
    expect(stored).toMatchObject({ ObjectKeyPrefix: 'inbound/' })
    // SES would encrypt on its own side, and nobody could read it.
    expect(stored).not.toHaveProperty('KmsKeyArn')
    expect(pointsTo(at(stored, 'BucketName'))).toBe(inbox()[0])
    expect(pointsTo(at(stored, 'TopicArn'))).toBe(topicOf(stack, 'INBOUND_MAIL')[0])
  })

  it('keeps mails for 30 days in a private bucket under the key of mail', () => {
    const [, { Properties, DeletionPolicy }] = inbox()
    expect(DeletionPolicy).toBe('RetainExceptOnCreate')
    expect(Properties).toMatchObject({
      LifecycleConfiguration: { Rules: [{ ExpirationInDays: 30, Status: 'Enabled' }] },
      PublicAccessBlockConfiguration: { BlockPublicPolicy: true, RestrictPublicBuckets: true },
    })
    const encryption = at(
      Properties,
      'BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault',
    )
    expect(at(encryption, 'SSEAlgorithm')).toBe('aws:kms')
    expect(pointsTo(at(encryption, 'KMSMasterKeyID'))).toMatch(/^KeysMailKey/)
  })

  it('lets only its own rule put mails there and tell of them', () => {
    const onBucket = byService(policyOn(stack, 'AWS::S3::BucketPolicy', inbox()[0]), 'ses')
    const [topicId] = topicOf(stack, 'INBOUND_MAIL')
    const onTopic = byService(policyOn(stack, 'AWS::SNS::TopicPolicy', topicId), 'ses')
    expect([onBucket, onTopic].flat().map(({ Action }) => Action)).toEqual([
      's3:PutObject',
      'sns:Publish',
    ])
    for (const { Condition } of [onBucket, onTopic].flat()) {
      expect(at(Condition, 'StringEquals')).toEqual({
        'aws:SourceAccount': { Ref: 'AWS::AccountId' },
        'aws:SourceArn': ruleArn,
      })
    }
  })

  it('makes the rule after the policies that SES tries', () => {
    const policies = ['AWS::S3::BucketPolicy', 'AWS::SNS::TopicPolicy'].flatMap((type) =>
      ofType(stack, type).map(([id]) => id),
    )
    const waitsFor = rule().DependsOn ?? []
    expect(waitsFor.filter((id) => policies.includes(id))).toHaveLength(2)
  })

  it.each(names)('feeds %s by a topic under the same key, in envelopes, with a DLQ', (name) => {
    const [topicId, topic] = topicOf(stack, name)
    const [queueId, queue] = queueTagged(stack, 'recado:queue', name)
    expect(pointsTo(topic.Properties.KmsMasterKeyId)).toBe(
      pointsTo(queue.Properties.KmsMasterKeyId),
    )
    const [, subscription] = theOne(
      ofType(stack, 'AWS::SNS::Subscription').filter(
        ([, { Properties }]) => pointsTo(Properties.TopicArn) === topicId,
      ),
      name,
    )
    expect(subscription.Properties).toMatchObject({ Protocol: 'sqs', RawMessageDelivery: false })
    expect(pointsTo(subscription.Properties.Endpoint)).toBe(queueId)
    const [deadLettersId] = queueTagged(stack, 'recado:dlq', name)
    expect(pointsTo(at(subscription.Properties, 'RedrivePolicy.deadLetterTargetArn'))).toBe(
      deadLettersId,
    )
    // SNS gives up at once where a policy is missing.
    const policies = ofType(stack, 'AWS::SQS::QueuePolicy').filter(([, { Properties }]) =>
      [queueId, deadLettersId].includes(pointsTo(at(Properties, 'Queues.0')) ?? ''),
    )
    expect(subscription.DependsOn).toEqual(expect.arrayContaining(policies.map(([id]) => id)))
  })

  it('lets SES of this account alone use the key and tell of events', () => {
    const [topicId, topic] = topicOf(stack, 'EMAIL_EVENT')
    const keyId = pointsTo(topic.Properties.KmsMasterKeyId) ?? ''
    const onKey = at(stack.resources[keyId]?.Properties, 'KeyPolicy.Statement') as Policy
    const statements = [
      ...byService(onKey, 'ses'),
      ...byService(policyOn(stack, 'AWS::SNS::TopicPolicy', topicId), 'ses'),
    ]
    expect(statements.map(({ Action }) => Action)).toEqual([
      ['kms:Decrypt', 'kms:GenerateDataKey*'],
      'sns:Publish',
    ])
    for (const { Condition } of statements) {
      const conditions = Object.entries(at(Condition, 'StringEquals') as object)
      expect(conditions.map(([key, value]) => [key.toLowerCase(), value])).toContainEqual([
        'aws:sourceaccount',
        { Ref: 'AWS::AccountId' },
      ])
    }
  })

  it('tells its reader the bucket', () => {
    const [, { Properties }] = functionNamed(stack, 'inbound-mail')
    expect(pointsTo(at(Properties, 'Environment.Variables.INBOUND_MAIL_BUCKET'))).toBe(inbox()[0])
  })

  it('knows a subdomain of the sending domain by that domain', () => {
    expect(ofType(stack, 'AWS::SES::EmailIdentity')).toHaveLength(1)
    expect(Object.values(stack.outputs).map((output) => JSON.stringify(output))).toEqual(
      expect.arrayContaining([
        expect.stringContaining('"in.example.com MX 10 inbound-smtp.'),
        expect.stringContaining('"*.in.example.com MX 10 inbound-smtp.'),
      ]),
    )
  })

  it('can leave mails as they are written, and want TLS', () => {
    const kinds = at(
      only(stack, 'AWS::SES::ConfigurationSetEventDestination').Properties,
      'EventDestination.MatchingEventTypes',
    ) as string[]
    expect(kinds).toHaveLength(8)
    expect(kinds).not.toContain('open')
    expect(kinds).not.toContain('click')
    expect(only(stack, 'AWS::SES::ConfigurationSet').Properties).toMatchObject({
      DeliveryOptions: { TlsPolicy: 'REQUIRE' },
    })
  })

  it('is refused by CloudFormation where SES receives nothing', () => {
    const assertions = Object.values(stack.rules).map((found) => at(found, 'Assertions.0.Assert'))
    expect(assertions).toContainEqual({
      'Fn::Contains': [[...receivingRegions], { Ref: 'AWS::Region' }],
    })
  })
})

describe('a reply domain elsewhere', () => {
  let stack: Synthesised
  beforeAll(async () => {
    stack = await synthesised({
      ...domains,
      replyDomain: 'replies.example.net',
      inboundMail: 'true',
    })
  })
  afterAll(() => stack.remove())

  it('is an identity of its own, with its proof among the records', () => {
    const identities = ofType(stack, 'AWS::SES::EmailIdentity').map(
      ([, { Properties }]) => Properties.EmailIdentity,
    )
    expect(identities.sort()).toEqual(['example.com', 'replies.example.net'])
    const own = Object.keys(stack.outputs).filter((name) => name.startsWith('MailReplyDomainDns'))
    expect(own).toHaveLength(5)
  })
})

describe('choices that do not go together', () => {
  it.each([
    [
      'receiving in a region where SES receives nothing',
      { region: 'eu-west-3' },
      /receives no mail/,
    ],
    ['receiving for no domain', { replyDomain: undefined }, /wants a replyDomain/],
    ['receiving without sending', { mailDomain: undefined }, /wants a mailDomain/],
    ['answers to the domain of all mail', { replyDomain: 'example.com' }, /take all mail/],
    ['a domain that is none', { mailDomain: 'Example' }, /takes a domain/],
    ['a flag that is none', { inboundMail: 'perhaps' }, /inboundMail/],
  ])('are refused: %s', async (_, changed, sentence) => {
    const context = { ...domains, inboundMail: 'true', ...changed }
    await expect(synthesised(context)).rejects.toThrow(sentence)
  })
})
