import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import {
  resolve,
  resolveEnvironment,
  type TemplateValue,
  UnresolvedTemplateValue,
  withPseudoParameters,
} from '#infra/local/assembly/intrinsics.ts'
import { readAssembly } from '#infra/local/assembly/read-assembly.ts'

const directory = fileURLToPath(new URL('../fixtures/lambda/assembly', import.meta.url))

describe('an assembly', () => {
  it('has the functions that are bundled, with what CDK gave them', async () => {
    const { functions } = await readAssembly(directory)
    expect(functions).toStrictEqual([
      {
        logicalId: 'OpenChat01',
        name: 'open-chat',
        codeDirectory: join(directory, 'asset.aaa'),
        handler: 'index.handler',
        timeoutSeconds: 15,
        memoryMb: 512,
        environment: {
          POWERTOOLS_SERVICE_NAME: 'recado',
          QUEUE_URL: { Ref: 'MessageSend02' },
          CLUSTER_ARN: { 'Fn::GetAtt': ['Cluster08', 'DBClusterArn'] },
        },
      },
      {
        logicalId: 'Relay03',
        name: 'Relay03',
        codeDirectory: join(directory, 'asset.bbb'),
        handler: 'index.handler',
        timeoutSeconds: 3,
        memoryMb: 128,
        environment: {},
      },
    ])
  })

  it('has the routes, through aliases, with their scopes and authorizer', async () => {
    const { routes } = await readAssembly(directory)
    expect(routes).toStrictEqual([
      {
        method: 'POST',
        path: '/chats',
        functionName: 'open-chat',
        functionLogicalId: 'OpenChat01',
        scopes: ['chats:write'],
        authorizer: { issuer: 'https://issuer.example', audiences: ['recado'] },
      },
      {
        method: 'ANY',
        path: '$default',
        functionName: 'Relay03',
        functionLogicalId: 'Relay03',
        scopes: [],
        authorizer: undefined,
      },
    ])
  })

  it('has the queues, named by tag, name or logical id, with their dead-letter queue', async () => {
    const { queues } = await readAssembly(directory)
    const plain = { fifo: false, delaySeconds: 0, visibilityTimeoutSeconds: 30 }
    expect(queues).toStrictEqual([
      {
        ...plain,
        logicalId: 'MessageSend02',
        name: 'MESSAGE_SEND',
        visibilityTimeoutSeconds: 360,
        retentionSeconds: 345_600,
        deadLetter: { queueLogicalId: 'Dead05', maxReceiveCount: 5 },
      },
      {
        ...plain,
        logicalId: 'Dead05',
        name: 'MESSAGE_SEND-dead-letters',
        retentionSeconds: 1_209_600,
        deadLetter: undefined,
      },
      {
        ...plain,
        logicalId: 'Other06',
        name: 'other',
        retentionSeconds: 345_600,
        deadLetter: undefined,
      },
      {
        ...plain,
        logicalId: 'Third21',
        name: 'Third21',
        retentionSeconds: 345_600,
        deadLetter: undefined,
      },
    ])
  })

  it('has the mappings and the schedules', async () => {
    const { mappings, schedules } = await readAssembly(directory)
    expect(mappings).toStrictEqual([
      {
        logicalId: 'Mapping04',
        enabled: true,
        functionName: 'open-chat',
        functionLogicalId: 'OpenChat01',
        queueName: 'MESSAGE_SEND',
        queueLogicalId: 'MessageSend02',
        batchSize: 4,
        batchingWindowSeconds: 2,
        maximumConcurrency: 20,
        reportBatchItemFailures: true,
      },
    ])
    expect(schedules).toStrictEqual([
      {
        logicalId: 'EachMinute07',
        name: 'relay-each-minute',
        enabled: true,
        expression: 'rate(1 minute)',
        timezone: 'Etc/UTC',
        target: { kind: 'function', functionName: 'Relay03', functionLogicalId: 'Relay03' },
        input: '{"a":1}',
      },
      {
        logicalId: 'Nightly09',
        name: 'Nightly09',
        enabled: false,
        expression: 'cron(0 3 * * ? *)',
        timezone: 'America/Sao_Paulo',
        target: { kind: 'queue', queueName: 'other', queueLogicalId: 'Other06' },
        input: undefined,
      },
    ])
  })

  it('gives every other resource as it is', async () => {
    const { resources } = await readAssembly(directory)
    expect(resources.get('Cluster08')).toStrictEqual({
      logicalId: 'Cluster08',
      type: 'AWS::RDS::DBCluster',
      properties: { Engine: 'aurora-postgresql', EnableHttpEndpoint: true },
    })
  })
})

describe('an assembly that cannot be run', () => {
  const made: string[] = []

  afterEach(async () => {
    await Promise.all(made.splice(0).map((path) => rm(path, { recursive: true })))
  })

  async function assembly(resources: object, stacks = 1): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), 'assembly-'))
    made.push(path)
    const stack = { type: 'aws:cloudformation:stack', properties: { templateFile: 't.json' } }
    const assets = { type: 'cdk:asset-manifest', properties: { file: 'a.json' } }
    const artifacts = Array.from({ length: stacks }, (_, index) => [`s${index}`, stack])
    const manifest = { artifacts: { ...Object.fromEntries(artifacts), assets } }
    const destinations = { here: { objectKey: 'code.zip' } }
    const files = { code: { source: { path: 'asset.code' }, destinations } }
    await mkdir(join(path, 'asset.code'))
    await writeFile(join(path, 'asset.code', 'index.mjs'), 'export const handler = () => 1\n')
    await writeFile(join(path, 'manifest.json'), JSON.stringify(manifest))
    await writeFile(join(path, 'a.json'), JSON.stringify({ files }))
    await writeFile(join(path, 't.json'), JSON.stringify({ Resources: resources }))
    return path
  }

  const lambda = (description: string) => ({
    Type: 'AWS::Lambda::Function',
    Properties: { Code: { S3Key: 'code.zip' }, Handler: 'index.handler', Description: description },
  })
  const mapping = (properties: object) => ({
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      FunctionName: { Ref: 'F' },
      EventSourceArn: { 'Fn::GetAtt': ['Q', 'Arn'] },
      ...properties,
    },
  })
  const sqs = (properties: object) => ({ Type: 'AWS::SQS::Queue', Properties: properties })
  const route = (properties: object) => ({
    Type: 'AWS::ApiGatewayV2::Route',
    Properties: { RouteKey: 'GET /', Target: 'integrations/I', ...properties },
  })

  const topic = { Type: 'AWS::SNS::Topic', Properties: {} }
  const subscription = (properties: object) => ({
    Type: 'AWS::SNS::Subscription',
    Properties: { Protocol: 'sqs', TopicArn: { Ref: 'T' }, Endpoint: 'arn:x', ...properties },
  })
  const destination = (TopicARN: unknown) => ({
    Type: 'AWS::SES::ConfigurationSetEventDestination',
    Properties: { EventDestination: { SnsDestination: { TopicARN } } },
  })

  it.each<[string, object, string]>([
    ['two functions of one name', { A: lambda('same'), B: lambda('same') }, 'named same: A, B'],
    [
      'a mapping without a queue',
      { F: lambda('f'), M: mapping({}) },
      'M: its source is not a queue',
    ],
    [
      'a mapping without a function',
      { Q: sqs({}), M: mapping({}) },
      'M: its function has no bundle',
    ],
    [
      'a filter',
      { F: lambda('f'), Q: sqs({}), M: mapping({ FilterCriteria: { Filters: [] } }) },
      'filters are not run locally',
    ],
    [
      'a dead-letter queue of elsewhere',
      { Q: sqs({ RedrivePolicy: { deadLetterTargetArn: 'arn:aws:sqs:::x', maxReceiveCount: 1 } }) },
      'Q: its dead-letter queue is not in this stack',
    ],
    ['a route without an integration', { R: route({}) }, 'R: its target I is unknown'],
    ['an IAM route', { R: route({ AuthorizationType: 'AWS_IAM' }) }, 'AWS::ApiGatewayV2::Route R'],
    [
      'a schedule of something else',
      {
        S: {
          Type: 'AWS::Scheduler::Schedule',
          Properties: { ScheduleExpression: 'rate(1 day)', Target: { Arn: 'arn:aws:ecs:::x' } },
        },
      },
      'S: its target is no bundled function or queue',
    ],
    ['a subscription to no topic', { N: subscription({}) }, 'N: its topic is not in this stack'],
    [
      'a subscription of no queue',
      { T: topic, N: subscription({}) },
      'N: its endpoint is not a queue of this stack',
    ],
    [
      'a subscription that filters',
      { T: topic, N: subscription({ FilterPolicy: {} }) },
      'filters are not run locally',
    ],
    [
      'events of mail to two topics',
      { T: topic, D: destination({ Ref: 'T' }), E: destination({ Ref: 'T' }) },
      'E: only one of its type is run locally',
    ],
    [
      'events of mail to a topic of elsewhere',
      { D: destination('arn:aws:sns:::x') },
      'D: it names something outside of this stack',
    ],
  ])('%s', async (_, resources, message) => {
    await expect(readAssembly(await assembly(resources))).rejects.toThrow(message)
  })

  it('more than one stack, or none', async () => {
    await expect(readAssembly(await assembly({}, 2))).rejects.toThrow('holds 2 stacks')
    await expect(readAssembly(await assembly({}, 0))).rejects.toThrow('holds 0 stacks')
  })
})

describe('intrinsics', () => {
  const known: Readonly<Record<string, unknown>> = {
    Queue: 'http://127.0.0.1/q',
    'Queue.Arn': 'arn:aws:sqs:sa-east-1:000000000000:q',
    'Cluster.Endpoint.Address': '127.0.0.1',
  }
  const place = { region: 'sa-east-1', accountId: '000000000000' }
  const lookup = withPseudoParameters(place, (logicalId, attribute) =>
    attribute === undefined ? known[logicalId] : known[`${logicalId}.${attribute}`],
  )

  it.each<[TemplateValue, unknown]>([
    ['text', 'text'],
    [{ Ref: 'Queue' }, 'http://127.0.0.1/q'],
    [{ 'Fn::GetAtt': ['Queue', 'Arn'] }, 'arn:aws:sqs:sa-east-1:000000000000:q'],
    [{ 'Fn::GetAtt': 'Cluster.Endpoint.Address' }, '127.0.0.1'],
    [{ 'Fn::GetAtt': ['Cluster', 'Endpoint.Address'] }, '127.0.0.1'],
    [
      { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':rds:', { Ref: 'AWS::Region' }]] },
      'arn:aws:rds:sa-east-1',
    ],
    [
      { 'Fn::Sub': `b-\${AWS::AccountId}-\${Queue.Arn}-\${!Literal}` },
      `b-000000000000-arn:aws:sqs:sa-east-1:000000000000:q-\${Literal}`,
    ],
    [
      { 'Fn::Sub': [`\${x}/\${AWS::URLSuffix}`, { x: { Ref: 'Queue' } }] },
      'http://127.0.0.1/q/amazonaws.com',
    ],
    [{ 'Fn::Select': [5, { 'Fn::Split': [':', { 'Fn::GetAtt': ['Queue', 'Arn'] }] }] }, 'q'],
    [{ list: [{ Ref: 'Queue' }, 1, true, null] }, { list: ['http://127.0.0.1/q', 1, true, null] }],
  ])('%j', (value, expected) => {
    expect(resolve(value, lookup)).toStrictEqual(expected)
  })

  it.each<[TemplateValue, string]>([
    [{ Ref: 'Absent' }, 'Ref Absent'],
    [{ 'Fn::GetAtt': ['Queue', 'Size'] }, 'Fn::GetAtt Queue.Size'],
    [{ 'Fn::Sub': `\${Absent.Arn}` }, 'Fn::GetAtt Absent.Arn'],
    [{ 'Fn::ImportValue': 'other-stack' }, 'Fn::ImportValue is not supported'],
    [{ 'Fn::Select': [3, ['a']] }, 'Fn::Select has no item 3'],
    [{ 'Fn::Join': ['', [{ a: 1 }]] }, 'Fn::Join needs text'],
  ])('%j is refused', (value, message) => {
    expect(() => resolve(value, lookup)).toThrow(UnresolvedTemplateValue)
    expect(() => resolve(value, lookup)).toThrow(message)
  })

  it('make an environment of texts, or name the variable that cannot be known', () => {
    expect(resolveEnvironment({ A: 1, B: true, C: { Ref: 'Queue' } }, lookup)).toStrictEqual({
      A: '1',
      B: 'true',
      C: 'http://127.0.0.1/q',
    })
    expect(() => resolveEnvironment({ DATABASE: { Ref: 'Absent' } }, lookup)).toThrow(
      'environment variable DATABASE: nothing is known for Ref Absent',
    )
  })
})
