import { fileURLToPath } from 'node:url'
import { SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { SQSRecord } from 'aws-lambda'
import { type FauxqsServer, startFauxqs } from 'fauxqs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { EventSource, type EventSourceOptions } from '#infra/local/lambda/event-source.ts'
import type { Invoke, InvokeResult } from '#infra/local/lambda/invocation.ts'
import { LambdaPool } from '#infra/local/lambda/pool.ts'

let server: FauxqsServer
let client: SQSClient
let names = 0
const sources: EventSource[] = []
const errors: Error[] = []

beforeAll(async () => {
  server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
  client = new SQSClient({
    endpoint: `http://127.0.0.1:${server.port}`,
    region: 'sa-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
})

afterEach(async () => {
  await Promise.all(sources.splice(0).map((source) => source.stop()))
  expect(errors.splice(0)).toStrictEqual([])
})

afterAll(async () => {
  client.destroy()
  await server.stop()
})

interface TestQueue {
  readonly name: string
  readonly url: string
  readonly arn: string
}

function queue(attributes: Record<string, string> = {}): TestQueue {
  names += 1
  const name = `queue-${names}`
  const { queueArn } = server.createQueue(name, { region: 'sa-east-1', attributes })
  return { name, arn: queueArn, url: `http://127.0.0.1:${server.port}/000000000000/${name}` }
}

function listen(from: TestQueue, invoke: Invoke, changes: Partial<EventSourceOptions> = {}) {
  const source = new EventSource({
    functionName: 'consumer',
    queueUrl: from.url,
    queueArn: from.arn,
    batchSize: 10,
    batchingWindowSeconds: 0,
    reportBatchItemFailures: true,
    client,
    invoke,
    onError: (error) => errors.push(error),
    ...changes,
  })
  sources.push(source)
  return source
}

/** A consumer in this process, which keeps the batches that it was given. */
function consumer(answer: (records: SQSRecord[]) => unknown = () => null) {
  const batches: SQSRecord[][] = []
  const invoke: Invoke = async (_, event): Promise<InvokeResult> => {
    const { Records } = JSON.parse(JSON.stringify(event)) as { Records: SQSRecord[] }
    batches.push(Records)
    return { outcome: 'returned', requestId: 'r', payload: (await answer(Records)) ?? null }
  }
  return { batches, invoke, bodies: () => batches.flat().map(({ body }) => body) }
}

async function send(to: TestQueue, bodies: readonly string[]): Promise<void> {
  for (let start = 0; start < bodies.length; start += 10) {
    const entries = bodies.slice(start, start + 10)
    await client.send(
      new SendMessageBatchCommand({
        QueueUrl: to.url,
        Entries: entries.map((body, index) => ({ Id: String(index), MessageBody: body })),
      }),
    )
  }
}

function left({ name }: TestQueue): number {
  const messages = server.inspectQueue(name)?.messages
  if (messages === undefined) throw new Error(`no queue ${name}`)
  return messages.ready.length + messages.delayed.length + messages.inflight.length
}

const soon = { timeout: 15_000, interval: 10 }
const numbers = (count: number) => Array.from({ length: count }, (_, index) => `m${index}`)

describe('a batch', () => {
  it('has records as Lambda makes them', async () => {
    const from = queue()
    const { batches, invoke } = consumer()
    await client.send(
      new SendMessageCommand({
        QueueUrl: from.url,
        MessageBody: 'olá',
        MessageAttributes: {
          kind: { DataType: 'String', StringValue: 'x' },
          raw: { DataType: 'Binary', BinaryValue: new Uint8Array([0, 255]) },
        },
      }),
    )
    listen(from, invoke)
    await expect.poll(() => batches.length, soon).toBe(1)
    expect(batches[0]?.[0]).toStrictEqual({
      messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      receiptHandle: expect.any(String),
      body: 'olá',
      md5OfBody: expect.stringMatching(/^[0-9a-f]{32}$/),
      md5OfMessageAttributes: expect.stringMatching(/^[0-9a-f]{32}$/),
      attributes: expect.objectContaining({
        ApproximateReceiveCount: '1',
        SentTimestamp: expect.stringMatching(/^\d{13}$/),
        ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
      }),
      messageAttributes: {
        kind: { stringValue: 'x', stringListValues: [], binaryListValues: [], dataType: 'String' },
        raw: {
          binaryValue: 'AP8=',
          stringListValues: [],
          binaryListValues: [],
          dataType: 'Binary',
        },
      },
      eventSource: 'aws:sqs',
      eventSourceARN: from.arn,
      awsRegion: 'sa-east-1',
    })
    await expect.poll(() => left(from), soon).toBe(0)
  })

  it('never exceeds its size, and everything is deleted', async () => {
    const from = queue()
    await send(from, numbers(23))
    const { batches, invoke, bodies } = consumer()
    listen(from, invoke, { batchSize: 4 })
    await expect.poll(() => left(from), soon).toBe(0)
    expect(bodies().toSorted()).toStrictEqual(numbers(23).toSorted())
    expect(Math.max(...batches.map((batch) => batch.length))).toBe(4)
  })

  it('of more than ten is gathered in the window', async () => {
    const from = queue()
    await send(from, numbers(25))
    const { batches, invoke } = consumer()
    listen(from, invoke, { batchSize: 25, batchingWindowSeconds: 5 })
    await expect.poll(() => left(from), soon).toBe(0)
    expect(batches.map((batch) => batch.length)).toStrictEqual([25])
  })

  it('goes when the window ends, though it is not full', async () => {
    const from = queue()
    await send(from, numbers(3))
    const { batches, invoke } = consumer()
    listen(from, invoke, { batchSize: 100, batchingWindowSeconds: 1 })
    await expect.poll(() => left(from), soon).toBe(0)
    expect(batches.map((batch) => batch.length)).toStrictEqual([3])
  })

  it('is split so that an event stays under 6 MB', async () => {
    const from = queue()
    for (const body of numbers(9)) await send(from, [body.padEnd(900_000, 'x')])
    const { batches, invoke } = consumer()
    listen(from, invoke)
    await expect.poll(() => left(from), soon).toBe(0)
    expect(batches.map((batch) => batch.length)).toStrictEqual([6, 3])
  })
})

describe('concurrency', () => {
  it('is used up to its limit, and not beyond', async () => {
    const from = queue()
    await send(from, numbers(12))
    const gate = Promise.withResolvers<void>()
    let running = 0
    let most = 0
    const { batches, invoke } = consumer(async () => {
      running += 1
      most = Math.max(most, running)
      await gate.promise
      running -= 1
    })
    listen(from, invoke, { batchSize: 1, maximumConcurrency: 3 })
    await expect.poll(() => batches.length, soon).toBe(3)
    expect(server.inspectQueue(from.name)?.messages.ready).toHaveLength(9)
    gate.resolve()
    await expect.poll(() => left(from), soon).toBe(0)
    expect(most).toBe(3)
  })
})

describe('what a function returns', () => {
  const failing = (identifier: unknown) => ({ batchItemFailures: [{ itemIdentifier: identifier }] })
  const one = (records: SQSRecord[]) => failing(records[1]?.messageId)

  it.each<[string, (records: SQSRecord[]) => unknown, number]>([
    ['nothing', () => null, 0],
    ['an empty object', () => ({}), 0],
    ['an empty list', () => ({ batchItemFailures: [] }), 0],
    ['a null list', () => ({ batchItemFailures: null }), 0],
    ['one of them', one, 1],
    ['an unknown identifier', () => failing('absent'), 3],
    [
      'a known and an unknown one',
      (r) => ({
        batchItemFailures: [...one(r).batchItemFailures, ...failing('x').batchItemFailures],
      }),
      3,
    ],
    ['an empty identifier', () => failing(''), 3],
    ['a null identifier', () => failing(null), 3],
    ['another key', () => ({ batchItemFailures: [{ messageId: 'x' }] }), 3],
    ['a null item', () => ({ batchItemFailures: [null] }), 3],
    ['no list', () => ({ batchItemFailures: 'x' }), 3],
    ['no object', () => 'done', 3],
  ])('%s: %3$i of three stay', async (_, answer, staying) => {
    const from = queue({ VisibilityTimeout: '600' })
    await send(from, numbers(3))
    const { batches, invoke } = consumer(answer)
    const source = listen(from, invoke)
    await expect.poll(() => batches.length, soon).toBe(1)
    await source.stop()
    const messages = server.inspectQueue(from.name)?.messages
    expect(messages?.inflight).toHaveLength(staying)
    expect(messages?.ready).toHaveLength(0)
  })

  it('is ignored when the mapping does not ask for partial responses', async () => {
    const from = queue()
    await send(from, numbers(3))
    listen(from, consumer(one).invoke, { reportBatchItemFailures: false })
    await expect.poll(() => left(from), soon).toBe(0)
  })

  it('an error keeps the whole batch until its visibility timeout', async () => {
    const from = queue({ VisibilityTimeout: '1' })
    await send(from, numbers(2))
    let calls = 0
    const counts: string[] = []
    const invoke: Invoke = async (_, event) => {
      calls += 1
      const { Records } = event as { Records: SQSRecord[] }
      counts.push(...Records.map(({ attributes }) => attributes.ApproximateReceiveCount))
      const error = { errorType: 'Error', errorMessage: 'threw', stackTrace: [] }
      if (calls === 1) return { outcome: 'failed', requestId: 'r', error }
      return { outcome: 'returned', requestId: 'r', payload: null }
    }
    listen(from, invoke)
    await expect.poll(() => left(from), soon).toBe(0)
    expect(counts.toSorted()).toStrictEqual(['1', '1', '2', '2'])
  })
})

it('a message that keeps failing goes to the dead-letter queue', async () => {
  const dead = queue()
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 2 })
  const from = queue({ VisibilityTimeout: '1', RedrivePolicy })
  const lines: string[] = []
  const pool = new LambdaPool({
    region: 'sa-east-1',
    accountId: '000000000000',
    functions: [
      {
        name: 'consumer',
        codeDirectory: fileURLToPath(new URL('../fixtures/lambda/batch', import.meta.url)),
        handler: 'index.handler',
        timeoutSeconds: 10,
        memoryMb: 128,
        environment: {},
      },
    ],
    log: ({ text }) => lines.push(text),
  })
  await send(from, ['good', 'fail'])
  const source = listen(from, pool.invoke)
  await expect.poll(() => left(dead), soon).toBe(1)
  expect(server.inspectQueue(dead.name)?.messages.ready[0]?.body).toBe('fail')
  expect(left(from)).toBe(0)
  await expect
    .poll(() => lines.toSorted(), soon)
    .toStrictEqual(['took fail', 'took fail', 'took good'])
  await source.stop()
  await pool.close()
})

describe('faults', () => {
  it('deliver messages twice', async () => {
    const from = queue()
    const { invoke, bodies } = consumer()
    const source = listen(from, invoke)
    source.setFaults({ duplicateProbability: 1, delayMilliseconds: 1 })
    await send(from, numbers(3))
    await expect.poll(() => left(from), soon).toBe(0)
    const twice = numbers(3).flatMap((body) => [body, body])
    expect(bodies().toSorted()).toStrictEqual(twice)
  })
})

describe('stopping', () => {
  it('ends a long poll at once', async () => {
    const source = listen(queue(), consumer().invoke)
    await source.stop(60)
  }, 10_000)

  it('waits for a batch that runs, so that it is deleted', async () => {
    const from = queue()
    const gate = Promise.withResolvers<void>()
    const { batches, invoke } = consumer(() => gate.promise)
    const source = listen(from, invoke)
    await send(from, ['one'])
    await expect.poll(() => batches.length, soon).toBe(1)
    const stopped = source.stop()
    gate.resolve()
    await stopped
    expect(left(from)).toBe(0)
  })

  it('gives up on a batch that hangs', async () => {
    const from = queue()
    const { batches, invoke } = consumer(() => new Promise(() => undefined))
    const source = listen(from, invoke, { maximumConcurrency: 1 })
    await send(from, ['one'])
    await expect.poll(() => batches.length, soon).toBe(1)
    await source.stop(0.05)
    expect(left(from)).toBe(1)
  })
})

it('goes on after the queue was away', async () => {
  const reported: string[] = []
  const absent = {
    name: 'later',
    arn: 'arn:aws:sqs:sa-east-1:000000000000:later',
    url: `http://127.0.0.1:${server.port}/000000000000/later`,
  }
  const { invoke, bodies } = consumer()
  listen(absent, invoke, { onError: ({ name }) => reported.push(name) })
  await expect.poll(() => reported, soon).toContain('QueueDoesNotExist')
  server.createQueue('later', { region: 'sa-east-1' })
  await send(absent, ['one'])
  await expect.poll(() => bodies(), soon).toStrictEqual(['one'])
})
