import {
  BeginTransactionCommand,
  CommitTransactionCommand,
  type RDSDataClient,
  RollbackTransactionCommand,
} from '@aws-sdk/client-rds-data'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { DataApi } from '#infra/local/data-api/server.ts'
import {
  type Execute,
  type FreshDatabase,
  freshDatabase,
  makeDataApiClient,
  makeExecute,
} from '#test/support/database.ts'

let database: FreshDatabase
let endpoint: DataApi
/** One attempt a call. */
let client: RDSDataClient
/** Three attempts, as the SDK does on its own. */
let retryingClient: RDSDataClient
let execute: Execute
let retryingExecute: Execute
let nextRandom = 0

beforeAll(async () => {
  database = await freshDatabase()
  endpoint = await database.startDataApi({ random: () => nextRandom })
  client = makeDataApiClient(endpoint)
  retryingClient = makeDataApiClient(endpoint, 3)
  execute = makeExecute(client, database.target)
  retryingExecute = makeExecute(retryingClient, database.target)
  await execute('create table marks (label text)')
})

beforeEach(async () => {
  endpoint.clearFaults()
  await execute('truncate marks')
  endpoint.resetCalls()
})

afterAll(async () => {
  client.destroy()
  retryingClient.destroy()
  await database.drop()
})

const insert = "insert into marks values ('here')"

async function countMarks(): Promise<number | undefined> {
  return (await execute('select count(*) from marks')).records?.[0]?.[0]?.longValue
}

function errors(): readonly (string | undefined)[] {
  return endpoint.calls().map(({ error }) => error)
}

describe('faults', () => {
  it('resuming: as many refusals as asked, which the SDK does not retry', async () => {
    endpoint.fail({ kind: 'resuming', calls: 2 })
    for (const _ of [1, 2]) {
      await expect(retryingExecute(insert)).rejects.toMatchObject({
        name: 'DatabaseResumingException',
        $metadata: { httpStatusCode: 400, attempts: 1 },
      })
    }
    await retryingExecute(insert)
    expect(await countMarks()).toBe(1)
  })

  it('answer-lost: the statement is done and the caller sees a reset', async () => {
    endpoint.fail({ kind: 'answer-lost' })
    await expect(execute(insert)).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(await countMarks()).toBe(1)
  })

  it('answer-lost: the SDK sends again by itself, so a plain insert happens twice', async () => {
    endpoint.fail({ kind: 'answer-lost' })
    await retryingExecute(insert)
    expect(endpoint.calls()).toHaveLength(2)
    expect(await countMarks()).toBe(2)
  })

  it('answer-lost: a commit may have happened', async () => {
    const { transactionId = '' } = await client.send(new BeginTransactionCommand(database.target))
    await execute(insert, {}, { transactionId })
    endpoint.fail({ kind: 'answer-lost', operation: 'CommitTransaction' })
    const commit = client.send(new CommitTransactionCommand({ ...database.target, transactionId }))
    await expect(commit).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(await countMarks()).toBe(1)
  })

  it('answer-lost: an error gets lost like any answer', async () => {
    endpoint.fail({ kind: 'answer-lost' })
    await expect(execute('select 1 / 0')).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  it('request-lost: nothing is executed', async () => {
    endpoint.fail({ kind: 'request-lost' })
    await expect(execute(insert)).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(await countMarks()).toBe(0)
  })

  it.each([
    ['DatabaseUnavailableException', 504, 3],
    ['InternalServerErrorException', 500, 3],
    ['ServiceUnavailableError', 503, 3],
    ['ThrottlingException', 400, 3],
    ['StatementTimeoutException', 400, 1],
  ] as const)('error: %s is answered with %i in %i attempts', async (error, status, attempts) => {
    endpoint.fail({ kind: 'error', error, calls: 3 })
    await expect(retryingExecute(insert)).rejects.toMatchObject({
      name: error,
      $metadata: { httpStatusCode: status, attempts },
    })
    expect(errors()).toEqual(Array(attempts).fill(error))
    endpoint.clearFaults()
    expect(await countMarks()).toBe(0)
  })

  it('delay: holds a call back and lets others pass', async () => {
    endpoint.fail({ kind: 'delay', delayMs: 300, sqlIncludes: 'here' })
    const order: string[] = []
    const slow = execute(insert).then(() => order.push('slow'))
    await expect.poll(() => endpoint.calls()).toHaveLength(1)
    await execute('select 1').then(() => order.push('fast'))
    await slow
    expect(order).toEqual(['fast', 'slow'])
  })

  it('hit only what they name', async () => {
    endpoint.fail({ kind: 'resuming', sqlIncludes: 'marks', operation: 'ExecuteStatement' })
    const { transactionId } = await client.send(new BeginTransactionCommand(database.target))
    await client.send(new RollbackTransactionCommand({ ...database.target, transactionId }))
    await execute('select 1')
    await expect(execute(insert)).rejects.toMatchObject({ name: 'DatabaseResumingException' })
    await execute(insert)
  })

  it('hit with a probability, until cleared', async () => {
    endpoint.fail({ kind: 'resuming', probability: 0.05 })
    const outcomes: string[] = []
    for (const random of [0.04, 0.05, 0.9, 0.01]) {
      nextRandom = random
      const outcome = execute('select 1').then(() => 'done')
      outcomes.push(await outcome.catch((error: Error) => error.name))
    }
    const resuming = 'DatabaseResumingException'
    expect(outcomes).toEqual([resuming, 'done', 'done', resuming])
    nextRandom = 0
    endpoint.clearFaults()
    expect(await countMarks()).toBe(0)
  })
})

describe('counted calls', () => {
  it('are the five operations in the order of arrival, refused ones included', async () => {
    const long = `select '${'x'.repeat(300)}'`
    await execute(long)
    await execute('select 1; select 2').catch(() => undefined)
    const { transactionId } = await client.send(new BeginTransactionCommand(database.target))
    await client.send(new RollbackTransactionCommand({ ...database.target, transactionId }))
    const calls = endpoint.calls()
    expect(calls.map(({ operation, sql, error }) => [operation, sql, error])).toEqual([
      ['ExecuteStatement', long.slice(0, 200), undefined],
      ['ExecuteStatement', 'select 1; select 2', 'ValidationException'],
      ['BeginTransaction', '', undefined],
      ['RollbackTransaction', '', undefined],
    ])
    for (const { startedAt, durationMs } of calls) {
      expect(new Date(startedAt).toISOString()).toBe(startedAt)
      expect(durationMs).toBeGreaterThan(0)
    }
  })

  it('are listed and forgotten over HTTP, which is not counted itself', async () => {
    await execute('select 1')
    const listed = await fetch(`${endpoint.url}/_data-api/calls`)
    expect(await listed.json()).toMatchObject({
      count: 1,
      calls: [{ operation: 'ExecuteStatement', sql: 'select 1' }],
    })
    const forgotten = await fetch(`${endpoint.url}/_data-api/calls`, { method: 'DELETE' })
    expect(forgotten.status).toBe(204)
    expect(endpoint.calls()).toEqual([])
  })
})

describe('faults over HTTP', () => {
  const send = (method: string, body?: unknown) =>
    fetch(`${endpoint.url}/_data-api/faults`, { method, body: JSON.stringify(body) ?? null })

  it('are added alone or as a list, shown and cleared', async () => {
    const resuming = { kind: 'resuming', calls: 2 }
    const delay = { kind: 'delay', delayMs: 1 }
    expect((await send('POST', resuming)).status).toBe(200)
    expect(await (await send('POST', [delay])).json()).toEqual({ faults: [resuming, delay] })
    await expect(execute('select 1')).rejects.toMatchObject({ name: 'DatabaseResumingException' })
    expect(await (await send('GET')).json()).toEqual({ faults: [resuming] })
    expect((await send('DELETE')).status).toBe(204)
    await execute('select 1')
  })

  it.each([
    { kind: 'earthquake' },
    { kind: 'resuming', calls: 0 },
    { kind: 'resuming', count: 2 },
    { kind: 'error', error: 'SomethingElse' },
    { kind: 'resuming', probability: 2 },
  ])('refuse %j', async (fault) => {
    expect((await send('POST', fault)).status).toBe(400)
    await execute('select 1')
  })
})
