import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Access,
  deadLetterConsumer,
  type FunctionName,
  functions,
  queues,
} from '#infra/topology.ts'
import {
  at,
  functionNamed,
  listOf,
  ofType,
  pointsTo,
  queueTagged,
  type Statement,
  type Synthesised,
  statementsOf,
  synthesised,
} from '#test/infra/synthesised.ts'

let stack: Synthesised
beforeAll(async () => {
  stack = await synthesised({
    mailDomain: 'example.com',
    replyDomain: 'in.example.com',
    inboundMail: 'true',
  })
})
afterAll(() => stack.remove())

const names = Object.keys(functions) as FunctionName[]

function granted(name: FunctionName): Statement[] {
  const [, { Properties }] = functionNamed(stack, name)
  return statementsOf(stack, pointsTo(Properties.Role) ?? '')
}

/** `action on resource` for every pair that the function's role allows. */
function pairs(name: FunctionName): string[] {
  return granted(name).flatMap(({ Action, Resource }) =>
    listOf(Action).flatMap((action) =>
      listOf(Resource).map((resource) => `${action} on ${JSON.stringify(resource)}`),
    ),
  )
}

const secretId = (name: string) =>
  ofType(stack, 'AWS::SecretsManager::Secret').find(
    ([, { Properties }]) => Properties.Name === name,
  )?.[0] ?? 'missing'

const mayRead = (secret: string) => (pair: string) =>
  pair.startsWith('secretsmanager:GetSecretValue') && pair.includes(`"${secretId(secret)}"`)

const bucketId = (prefix: string) =>
  ofType(stack, 'AWS::S3::Bucket').find(([id]) => id.startsWith(prefix))?.[0] ?? 'missing'

const onObjects = (action: string, bucket: string) => (pair: string) =>
  pair.startsWith(`${action} on`) && pair.includes(`"${bucketId(bucket)}"`)

const onFiles = (action: string) => (pair: string) =>
  onObjects(action, 'Media')(pair) && pair.includes('"/media/*"')
const onExports = (action: string) => (pair: string) =>
  onObjects(action, 'Media')(pair) && pair.includes('"/exports/*"')

/** Recognises what each kind of access opens. */
const signs: Readonly<Record<Access, (pair: string) => boolean>> = {
  database: (pair) => pair.startsWith('rds-data:ExecuteStatement'),
  'data-key': (pair) => pair.startsWith('kms:Decrypt') && pair.includes('DataKey'),
  'meta-secret': mayRead('recado/meta'),
  'owner-secret': mayRead('recado/owner'),
  'sender-secrets': (pair) => pair.includes(':secret:recado/senders/*'),
  'billing-secrets': (pair) => pair.includes(':secret:recado/billing/*'),
  'chunks:write': onObjects('s3:PutObject', 'Chunks'),
  'chunks:read': onObjects('s3:GetObject', 'Chunks'),
  'media:write': onFiles('s3:PutObject'),
  'exports:write': onExports('s3:AbortMultipartUpload'),
  'exports:read': onExports('s3:GetObject'),
  'exports:delete': onExports('s3:DeleteObject'),
  'media:read': onFiles('s3:GetObject'),
  'audit-heads:write': onObjects('s3:PutObject', 'Audit'),
  'media:delete': onFiles('s3:DeleteObject'),
  'ledger:write': onObjects('s3:PutObject', 'Ledger'),
  'event-bus': (pair) => pair.startsWith('events:PutEvents on') && pair.includes('EventBus'),
  'mail:send': (pair) => pair.startsWith('ses:SendRawEmail on'),
  'inbound-mail:read': onObjects('s3:GetObject', 'MailInbox'),
  'inbound-mail:delete': onObjects('s3:DeleteObject', 'MailInbox'),
  'webhook-backlog': (pair) =>
    pair.startsWith('sqs:GetQueueAttributes') &&
    pair.includes(`"${queueTagged(stack, 'recado:queue', 'WEBHOOK_EVENT')[0]}"`),
}

describe.each(Object.keys(signs) as Access[])('%s', (access) => {
  it('is open to exactly the functions that declare it', () => {
    // Who consumes a queue may look at it anyway.
    const consumer = access === 'webhook-backlog' ? queues.WEBHOOK_EVENT.consumer : undefined
    const open = names.filter((name) => name !== consumer && pairs(name).some(signs[access]))
    const declared = names.filter((name) => functions[name].access.includes(access))
    expect(declared.length).toBeGreaterThan(0)
    expect(open).toEqual(declared)
  })
})

describe.each(names)('%s', (name) => {
  const idOf = (queue: string) => queueTagged(stack, 'recado:queue', queue)[0]
  const queuesFor = (action: string) =>
    pairs(name)
      .filter((pair) => pair.startsWith(`${action} on`))
      .map((pair) => pair.split('"')[3] ?? '')
      .sort()

  it('writes to the queues it declares and reads the one it consumes', () => {
    expect(queuesFor('sqs:SendMessage')).toEqual(functions[name].sendsTo.map(idOf).sort())
    const consumed = Object.entries(queues).filter(([, { consumer }]) => consumer === name)
    const deadLetters = name === deadLetterConsumer ? Object.keys(queues) : []
    const read = [
      ...consumed.map(([queue]) => idOf(queue)),
      ...deadLetters.map((queue) => queueTagged(stack, 'recado:dlq', queue)[0]),
    ]
    expect(queuesFor('sqs:ReceiveMessage')).toEqual(read.sort())
  })

  it('uses no managed policy and no role of another function', () => {
    const roleId = pointsTo(functionNamed(stack, name)[1].Properties.Role) ?? ''
    expect(stack.resources[roleId]?.Properties).not.toHaveProperty('ManagedPolicyArns')
    const users = ofType(stack, 'AWS::Lambda::Function').filter(
      ([, { Properties }]) => pointsTo(Properties.Role) === roleId,
    )
    expect(users).toHaveLength(1)
  })

  it('may do nothing with a wildcard as its action', () => {
    const actions = granted(name).flatMap(({ Action }) => listOf(Action))
    expect(actions.length).toBeGreaterThan(0)
    expect(actions.filter((action) => action.includes('*'))).toEqual([])
  })
})

it('has wildcards only for secrets of senders and finance systems, mail identities and the objects of the buckets', () => {
  const wild = ofType(stack, 'AWS::IAM::Policy')
    .flatMap(([, policy]) => at(policy.Properties, 'PolicyDocument.Statement') as Statement[])
    .flatMap(({ Resource }) => listOf(Resource).map((resource) => JSON.stringify(resource)))
    .filter((resource) => resource.includes('*'))
  // One statement holds what a function may do with the objects of one bucket.
  const declared = names.flatMap((name) => [
    ...new Set(
      functions[name].access.flatMap(
        (access) =>
          /^(?:(?:sender|billing)-secrets|chunks|media|exports|audit-heads|ledger|mail:send|inbound-mail)/.exec(
            access,
          ) ?? [],
      ),
    ),
  ])
  expect(wild).toHaveLength(declared.length)
  const buckets = ['Chunks', 'Media', 'Audit', 'Ledger', 'MailInbox'].map(bucketId).join('|')
  for (const resource of wild) {
    expect(resource).toMatch(
      new RegExp(
        `:secret:recado/(?:senders|billing)/\\*|:identity/\\*|(?:${buckets})","Arn"\\]\\},"/(?:inbound/|heads/|exports/|media/)?\\*"`,
      ),
    )
  }
})

it('sends mail by any identity of the account, and by one configuration set', () => {
  const sends = pairs('message-send').filter(signs['mail:send']).sort()
  expect(sends).toEqual([
    expect.stringContaining(':configuration-set/recado"'),
    expect.stringContaining(':identity/*"'),
  ])
})

it('lets functions use the key of the buckets only by way of S3', () => {
  const storageUses = names
    .flatMap(granted)
    .filter(({ Resource }) => pointsTo(Resource)?.includes('StorageKey'))
  expect(storageUses.length).toBeGreaterThan(0)
  for (const statement of storageUses) {
    expect(JSON.stringify(at(statement, 'Condition.StringEquals'))).toContain('kms:ViaService')
  }
})

it('lets functions use the key of mail only by way of SQS or S3', () => {
  const users = names.filter((name) =>
    granted(name).some(({ Resource }) => pointsTo(Resource)?.includes('MailKey')),
  )
  expect(users.sort()).toEqual(['business-event', 'dead-letters', 'email-event', 'inbound-mail'])
  const ways = users
    .flatMap(granted)
    .filter(({ Resource }) => pointsTo(Resource)?.includes('MailKey'))
    .map((statement) => [
      statement.Action,
      JSON.stringify(at(statement, 'Condition.StringEquals.kms:ViaService')),
    ])
  expect(ways).toHaveLength(5)
  for (const [action, way] of ways) {
    expect(action).toBe('kms:Decrypt')
    expect(way).toMatch(/"(?:sqs|s3)\./)
  }
})

it('lets only who declares it delete an object, and lists a bucket to those who read it', () => {
  const onBuckets = names.map((name) => [
    name,
    [...new Set(pairs(name).flatMap((pair) => /^s3:\w+/.exec(pair) ?? []))].sort(),
  ])
  const known = [
    ...['s3:AbortMultipartUpload', 's3:DeleteObject', 's3:GetObject', 's3:ListBucket'],
    's3:PutObject',
  ]
  for (const [name, actions] of onBuckets as [FunctionName, string[]][]) {
    expect(known).toEqual(expect.arrayContaining(actions))
    const declares = (...wanted: readonly Access[]) =>
      wanted.some((each) => functions[name].access.includes(each))
    expect(actions.includes('s3:DeleteObject')).toBe(
      declares('media:delete', 'exports:delete', 'inbound-mail:delete'),
    )
    expect(actions.includes('s3:ListBucket')).toBe(declares('media:read', 'inbound-mail:read'))
  }
})
