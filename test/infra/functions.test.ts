import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FunctionName, functions, queues } from '#infra/topology.ts'
import {
  at,
  functionNamed,
  ofType,
  pointsTo,
  type Synthesised,
  synthesised,
} from '#test/infra/synthesised.ts'

let stack: Synthesised
beforeAll(async () => {
  stack = await synthesised()
})
afterAll(() => stack.remove())

const names = Object.keys(functions) as FunctionName[]

/** What a reference becomes at run time, as long as the longest real one. */
function atRunTime(key: string, value: unknown): string {
  if (typeof value === 'string') return value
  const prefix = key.endsWith('_URL') ? 'https://sqs.sa-east-1.amazonaws.com/' : 'arn:'
  return prefix.padEnd(180, 'x')
}

function environmentOf(name: FunctionName): Record<string, string> {
  const [, { Properties }] = functionNamed(stack, name)
  const variables = at(Properties, 'Environment.Variables') as Record<string, unknown>
  return Object.fromEntries(
    Object.entries(variables).map(([key, value]) => [key, atRunTime(key, value)]),
  )
}

describe.each(names)('%s', (name) => {
  const spec = functions[name]

  it('runs as the topology says, on arm64 and Node 24', () => {
    const [, { Properties }] = functionNamed(stack, name)
    expect(Properties).toMatchObject({
      Architectures: ['arm64'],
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      MemorySize: spec.memoryMb,
      Timeout: spec.timeoutSeconds,
    })
    expect(Properties).not.toHaveProperty('ReservedConcurrentExecutions')
  })

  it('gets every key of its schema, valid, and no other', () => {
    const environment = environmentOf(name)
    expect(Object.keys(environment).sort()).toEqual(Object.keys(spec.env.shape).sort())
    expect(spec.env.safeParse(environment).error).toBeUndefined()
  })

  it('stays within the 4 KB that Lambda allows for an environment', () => {
    expect(JSON.stringify(environmentOf(name)).length).toBeLessThan(4096)
  })

  it('logs to a group of its own that forgets after 30 days', () => {
    const [, { Properties }] = functionNamed(stack, name)
    const group = stack.resources[pointsTo(at(Properties, 'LoggingConfig.LogGroup')) ?? '']
    expect(group?.Properties).toMatchObject({
      LogGroupName: `/recado/${name}`,
      RetentionInDays: 30,
    })
  })
})

describe('loops that Lambda would cut after 16 links', () => {
  const allowed = () =>
    names.filter((name) => functionNamed(stack, name)[1].Properties.RecursiveLoop === 'Allow')

  it('are allowed to every function that wakes itself', () => {
    const wakesItself = names.filter((name) =>
      functions[name].sendsTo.some((queue) => queues[queue].consumer === name),
    )
    expect(wakesItself).toContain('message-send')
    expect(allowed()).toEqual(expect.arrayContaining(wakesItself))
  })

  it('stay cut for functions that no queue calls or that send nothing', () => {
    const consumers = Object.values(queues).map(({ consumer }) => consumer)
    const unable = names.filter(
      (name) => !consumers.includes(name) || functions[name].sendsTo.length === 0,
    )
    expect(unable).toContain('relay')
    expect(allowed().filter((name) => unable.includes(name))).toEqual([])
  })
})

describe('deployment', () => {
  it('has no function beside the topology but the one that starts the migration', () => {
    const own = names.map((name) => functionNamed(stack, name)[0])
    const others = ofType(stack, 'AWS::Lambda::Function').filter(([id]) => !own.includes(id))
    expect(others.map(([id]) => id)).toEqual([expect.stringMatching(/^AWSCDKTrigger/)])
  })

  it('migrates after the database stands', () => {
    const instances = ofType(stack, 'AWS::RDS::DBInstance').map(([id]) => id)
    expect(instances.length).toBeGreaterThan(0)
    expect(stack.resources.Migrations?.DependsOn).toEqual(expect.arrayContaining(instances))
  })

  it('migrates with the new version of the function that holds the SQL', () => {
    const version = pointsTo(stack.resources.Migrations?.Properties.HandlerArn) ?? ''
    const versionOf = pointsTo(stack.resources[version]?.Properties.FunctionName)
    expect(versionOf).toBe(functionNamed(stack, 'migrate')[0])
  })

  it('gives the migration longer than its function may take', () => {
    const timeoutMs = Number(stack.resources.Migrations?.Properties.Timeout)
    expect(timeoutMs).toBeGreaterThan(functions.migrate.timeoutSeconds * 1000)
  })

  it.each(names.filter((name) => name !== 'migrate'))('updates %s only afterwards', (name) => {
    expect(functionNamed(stack, name)[1].DependsOn).toContain('Migrations')
  })
})
