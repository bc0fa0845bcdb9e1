import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FunctionName, functions } from '#infra/topology.ts'
import {
  at,
  functionNamed,
  ofType,
  pointsTo,
  type Resource,
  type Synthesised,
  synthesised,
  theOne,
} from '#test/infra/synthesised.ts'

let stack: Synthesised
beforeAll(async () => {
  stack = await synthesised({ maxAcu: '4', timeScale: '0.5', alarmEmail: 'ops@example.com' })
})
afterAll(() => stack.remove())

const only = (type: string): Resource => theOne(ofType(stack, type), type)[1]

it('has no finding of the CloudFormation validator or of cdk-nag', () => {
  expect(stack.findings).toEqual([])
})

it('names every wrong context value', async () => {
  await expect(
    synthesised({ issuer: 'not a url', graphVersion: '26', maxAcu: 'many' }),
  ).rejects.toThrow(/issuer[\s\S]*graphVersion[\s\S]*maxAcu/)
})

describe('database', () => {
  it('is an encrypted, protected PostgreSQL 17 behind the Data API', () => {
    expect(only('AWS::RDS::DBCluster').Properties).toMatchObject({
      Engine: 'aurora-postgresql',
      EngineVersion: '17.9',
      DatabaseName: 'recado',
      EnableHttpEndpoint: true,
      EnableIAMDatabaseAuthentication: false,
      StorageEncrypted: true,
      DeletionProtection: true,
      BackupRetentionPeriod: 35,
      EnableCloudwatchLogsExports: ['postgresql'],
      ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, MaxCapacity: 4 },
    })
    expect(only('AWS::RDS::DBCluster').DeletionPolicy).toBe('Snapshot')
  })

  it('cannot be reached from outside and reaches nothing', () => {
    expect(only('AWS::RDS::DBInstance').Properties.PubliclyAccessible).toBe(false)
    for (const type of ['InternetGateway', 'NatGateway', 'Route', 'SecurityGroupIngress']) {
      expect(ofType(stack, `AWS::EC2::${type}`)).toEqual([])
    }
    expect(only('AWS::EC2::SecurityGroup').Properties).not.toHaveProperty('SecurityGroupIngress')
  })

  it('has two roles whose passwords are made by AWS', () => {
    const secrets = ofType(stack, 'AWS::SecretsManager::Secret').map(([, { Properties }]) => [
      Properties.Name,
      String(at(Properties, 'GenerateSecretString.SecretStringTemplate')),
    ])
    expect(Object.fromEntries(secrets)).toEqual({
      'recado/owner': '{"username":"recado_owner"}',
      'recado/functions': '{"username":"recado_functions"}',
      'recado/meta': '{"appSecrets":[],"verifyTokens":[]}',
    })
  })
})

describe('what must outlive the stack', () => {
  it.each(['AWS::KMS::Key', 'AWS::SecretsManager::Secret', 'AWS::S3::Bucket'])(
    'keeps %s',
    (type) => {
      const found = ofType(stack, type)
      expect(found.length).toBeGreaterThan(0)
      for (const [, resource] of found) expect(resource.DeletionPolicy).toBe('RetainExceptOnCreate')
    },
  )

  it('rotates its keys', () => {
    const keys = ofType(stack, 'AWS::KMS::Key').map(([, key]) => key.Properties.EnableKeyRotation)
    expect(keys).toEqual([true, true, true])
  })
})

describe('buckets', () => {
  const bucket = (prefix: string) =>
    theOne(
      ofType(stack, 'AWS::S3::Bucket').filter(([id]) => id.startsWith(prefix)),
      prefix,
    )

  it.each(['Chunks', 'Media'])('%s are encrypted, private, closed to plain HTTP', (prefix) => {
    const [id, { Properties }] = bucket(prefix)
    expect(Properties).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } },
        ],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    })
    expect(Properties).not.toHaveProperty('VersioningConfiguration')
    const [, policy] = theOne(
      ofType(stack, 'AWS::S3::BucketPolicy').filter(
        ([, { Properties: of }]) => pointsTo(of.Bucket) === id,
      ),
      `policy of ${prefix}`,
    )
    expect(at(policy.Properties, 'PolicyDocument.Statement')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          Effect: 'Deny',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
      ]),
    )
  })

  it('the ends of the audit are locked for five years and never put over', () => {
    const [id, { Properties }] = bucket('Audit')
    expect(Properties).toMatchObject({
      ObjectLockEnabled: true,
      ObjectLockConfiguration: {
        Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 5 * 366 } },
      },
      VersioningConfiguration: { Status: 'Enabled' },
      PublicAccessBlockConfiguration: { RestrictPublicBuckets: true },
    })
    expect(Properties).not.toHaveProperty('LifecycleConfiguration')
    const [, policy] = theOne(
      ofType(stack, 'AWS::S3::BucketPolicy').filter(
        ([, { Properties: of }]) => pointsTo(of.Bucket) === id,
      ),
      'policy of the audit',
    )
    expect(at(policy.Properties, 'PolicyDocument.Statement')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          Effect: 'Deny',
          Action: 's3:PutObject',
          Condition: { Null: { 's3:if-none-match': 'true' } },
        }),
      ]),
    )
  })

  it('chunks go after 14 days', () => {
    expect(bucket('Chunks')[1].Properties).toMatchObject({
      LifecycleConfiguration: { Rules: [{ ExpirationInDays: 14, Status: 'Enabled' }] },
    })
  })

  it('of files uploads that nobody completed go after a day, copies of persons after 7', () => {
    expect(at(bucket('Media')[1].Properties, 'LifecycleConfiguration.Rules')).toEqual([
      { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 }, Status: 'Enabled' },
      { ExpirationInDays: 1, Prefix: 'uploads/', Status: 'Enabled' },
      { ExpirationInDays: 7, Prefix: 'exports/', Status: 'Enabled' },
    ])
  })
})

describe('alarms', () => {
  const alarms = () =>
    ofType(stack, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties)

  it.each(Object.keys(functions) as FunctionName[])('tell what breaks when %s fails', (name) => {
    const [functionId] = functionNamed(stack, name)
    const alarm = theOne(
      alarms().filter(
        ({ MetricName, Dimensions }) =>
          MetricName === 'Errors' && pointsTo(at(Dimensions, '0.Value')) === functionId,
      ),
      name,
    )
    expect(alarm).toMatchObject({ AlarmDescription: functions[name].errorImpact, Threshold: 1 })
  })

  it('watch the answers of the API', () => {
    const alarm = theOne(
      alarms().filter(({ MetricName }) => MetricName === '5xx'),
      '5xx',
    )
    expect(alarm.Statistic).toBe('Sum')
  })

  it('all have a sentence and reach the topic', () => {
    const [topicId] = theOne(ofType(stack, 'AWS::SNS::Topic'), 'topic')
    for (const { AlarmDescription, AlarmActions, OKActions } of alarms()) {
      expect(String(AlarmDescription).length).toBeGreaterThan(20)
      expect(pointsTo(at(AlarmActions, '0'))).toBe(topicId)
      expect(pointsTo(at(OKActions, '0'))).toBe(topicId)
    }
  })

  it('may publish to the topic and use its key', () => {
    const byCloudWatch = { Effect: 'Allow', Principal: { Service: 'cloudwatch.amazonaws.com' } }
    expect(at(only('AWS::SNS::TopicPolicy').Properties, 'PolicyDocument.Statement')).toContainEqual(
      expect.objectContaining({ ...byCloudWatch, Action: 'sns:Publish' }),
    )
    const keyId = pointsTo(only('AWS::SNS::Topic').Properties.KmsMasterKeyId) ?? ''
    expect(at(stack.resources[keyId]?.Properties, 'KeyPolicy.Statement')).toContainEqual(
      expect.objectContaining({ ...byCloudWatch, Action: ['kms:Decrypt', 'kms:GenerateDataKey*'] }),
    )
  })

  it('go to the mail address that the context names', () => {
    expect(only('AWS::SNS::Subscription').Properties).toMatchObject({
      Protocol: 'email',
      Endpoint: 'ops@example.com',
    })
  })
})

it('hands the time scale of the context to every function', () => {
  for (const name of Object.keys(functions) as FunctionName[]) {
    const [, { Properties }] = functionNamed(stack, name)
    expect(at(Properties, 'Environment.Variables.TIME_SCALE')).toBe('0.5')
  }
})

it('says where it is', () => {
  expect(Object.keys(stack.outputs).sort()).toEqual([
    'AlarmTopicArn',
    'ApiUrl',
    'AuditBucketName',
    'DataKeyArn',
    'DatabaseClusterArn',
    'DatabaseName',
    'FunctionsSecretArn',
    'LedgerBucketName',
    'MetaSecretArn',
    'OwnerSecretArn',
    'WhatsappWebhookUrl',
  ])
})

it('lets no part of an upload of a file or a copy stay that was never completed', () => {
  const [media] = ofType(stack, 'AWS::S3::Bucket').filter(([id]) => id.startsWith('Media'))
  expect(at(media?.[1].Properties, 'LifecycleConfiguration.Rules')).toContainEqual({
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
    Status: 'Enabled',
  })
})
