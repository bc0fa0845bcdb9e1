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
  stack = await synthesised()
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

/** Recognises what each kind of access opens. */
const signs: Readonly<Record<Access, (pair: string) => boolean>> = {
  database: (pair) => pair.startsWith('rds-data:ExecuteStatement'),
  'data-key': (pair) => pair.startsWith('kms:') && pair.includes('DataKey'),
  'meta-secret': mayRead('recado/meta'),
  'owner-secret': mayRead('recado/owner'),
  'sender-secrets': (pair) => pair.includes(':secret:recado/senders/*'),
  'chunks:write': (pair) => pair.startsWith('s3:PutObject'),
  'chunks:read': (pair) => pair.startsWith('s3:GetObject'),
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

it('has wildcards only for sender secrets and the objects of the chunk bucket', () => {
  const wild = ofType(stack, 'AWS::IAM::Policy')
    .flatMap(([, policy]) => at(policy.Properties, 'PolicyDocument.Statement') as Statement[])
    .flatMap(({ Resource }) => listOf(Resource).map((resource) => JSON.stringify(resource)))
    .filter((resource) => resource.includes('*'))
  const [chunks] = ofType(stack, 'AWS::S3::Bucket').map(([id]) => id)
  const readers = names.filter((name) => functions[name].access.includes('sender-secrets'))
  const chunkUsers = names.filter((name) =>
    functions[name].access.some((access) => access.startsWith('chunks:')),
  )
  expect(wild).toHaveLength(readers.length + chunkUsers.length)
  for (const resource of wild) {
    expect(resource).toMatch(new RegExp(`:secret:recado/senders/\\*|${chunks}","Arn"\\]\\},"/\\*"`))
  }
})

it('lets the chunk functions use the key of the bucket only by way of S3', () => {
  const storageUses = names
    .flatMap(granted)
    .filter(({ Resource }) => pointsTo(Resource)?.includes('StorageKey'))
  expect(storageUses).toHaveLength(3)
  for (const statement of storageUses) {
    expect(JSON.stringify(at(statement, 'Condition.StringEquals'))).toContain('kms:ViaService')
  }
})
