import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import type { InvokeResult, LogLine } from '#infra/local/lambda/invocation.ts'
import type { LambdaFunction } from '#infra/local/lambda/lambda-function.ts'
import { LambdaPool, type LambdaPoolOptions } from '#infra/local/lambda/pool.ts'

const fixture = (name: string) =>
  fileURLToPath(new URL(`../fixtures/lambda/${name}`, import.meta.url))

function lambda(name: string, changes: Partial<LambdaFunction> = {}): LambdaFunction {
  return {
    name,
    codeDirectory: fixture('probe'),
    handler: 'index.handler',
    timeoutSeconds: 20,
    memoryMb: 128,
    environment: {},
    ...changes,
  }
}

const open: LambdaPool[] = []

function poolOf(functions: LambdaFunction[], options: Partial<LambdaPoolOptions> = {}): LambdaPool {
  const pool = new LambdaPool({
    region: 'sa-east-1',
    accountId: '000000000000',
    functions,
    ...options,
  })
  open.push(pool)
  return pool
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((pool) => pool.close()))
})

function payloadOf(result: InvokeResult): unknown {
  if (result.outcome === 'failed') throw new Error(result.error.errorMessage)
  return result.payload
}

function errorOf(result: InvokeResult) {
  if (result.outcome === 'returned') throw new Error(`returned ${JSON.stringify(result.payload)}`)
  return result.error
}

const busy = (pool: LambdaPool, name: string) =>
  pool.environments().filter((item) => item.functionName === name && item.state === 'busy').length

describe('an invocation', () => {
  it('gives the event and returns the result through JSON', async () => {
    const pool = poolOf([lambda('probe')])
    const event = { action: 'echo', text: 'olá ç 😀', dropped: undefined, at: new Date(0) }
    expect(payloadOf(await pool.invoke('probe', event))).toStrictEqual({
      action: 'echo',
      text: 'olá ç 😀',
      at: '1970-01-01T00:00:00.000Z',
    })
    expect(payloadOf(await pool.invoke('probe', { action: 'nothing' }))).toBeNull()
  })

  it('has the context and the variables of Lambda', async () => {
    const pool = poolOf([
      lambda('probe', { environment: { OWN: 'own', AWS_REGION: 'cannot-be-set' } }),
    ])
    const result = await pool.invoke('probe', { action: 'context' })
    expect(payloadOf(result)).toMatchObject({
      awsRequestId: result.requestId,
      functionName: 'probe',
      functionVersion: '$LATEST',
      invokedFunctionArn: 'arn:aws:lambda:sa-east-1:000000000000:function:probe',
      memoryLimitInMB: '128',
      remaining: expect.toSatisfy((left: number) => left > 0 && left <= 20_000),
    })
    const names = ['OWN', 'AWS_REGION', 'AWS_LAMBDA_FUNCTION_NAME', 'AWS_EXECUTION_ENV', 'HOME']
    const read = await pool.invoke('probe', { action: 'read-variables', names })
    expect(payloadOf(read)).toMatchObject({
      variables: ['own', 'sa-east-1', 'probe', 'AWS_Lambda_nodejs24.x', null],
    })
  })

  it('reports what the handler throws', async () => {
    const pool = poolOf([lambda('probe')])
    const error = errorOf(await pool.invoke('probe', { action: 'throw' }))
    expect(error).toMatchObject({ errorType: 'TypeError', errorMessage: 'the handler threw' })
    expect(error.stackTrace[0]).toContain('probe/index.mjs')
    expect(errorOf(await pool.invoke('probe', { action: 'throw-text' }))).toStrictEqual({
      errorType: 'string',
      errorMessage: 'only text',
      stackTrace: [],
    })
    expect(errorOf(await pool.invoke('probe', { action: 'circular' })).errorType).toBe(
      'Runtime.MarshalError',
    )
  })

  it('is limited to 6 MB each way', async () => {
    const pool = poolOf([lambda('probe')])
    const large = { action: 'large', bytes: 6 * 1024 * 1024 + 200 }
    expect(errorOf(await pool.invoke('probe', large)).errorType).toBe(
      'Function.ResponseSizeTooLarge',
    )
    const event = { action: 'echo', text: 'x'.repeat(6 * 1024 * 1024) }
    await expect(pool.invoke('probe', event)).rejects.toMatchObject({ reason: 'request-too-large' })
    await expect(pool.invoke('absent', {})).rejects.toMatchObject({ reason: 'unknown-function' })
  })

  it('passes on each line of output with the name of the function', async () => {
    const lines: LogLine[] = []
    const pool = poolOf([lambda('probe')], { log: (line) => lines.push(line) })
    await pool.invoke('probe', { action: 'log', text: 'one\ntwo' })
    await expect
      .poll(() => lines.filter(({ stream }) => stream === 'stdout'), { timeout: 10_000 })
      .toStrictEqual([
        { functionName: 'probe', stream: 'stdout', text: 'one' },
        { functionName: 'probe', stream: 'stdout', text: 'two' },
      ])
    await expect
      .poll(() => lines.some(({ text }) => text === 'error: one'), { timeout: 10_000 })
      .toBe(true)
  })
})

describe('an environment', () => {
  it('is used again, one invocation after another', async () => {
    const pool = poolOf([lambda('probe')])
    const first = payloadOf(await pool.invoke('probe', { action: 'count' }))
    const second = payloadOf(await pool.invoke('probe', { action: 'count' }))
    expect(first).toMatchObject({ invocations: 1 })
    expect(second).toStrictEqual({ ...(first as object), invocations: 2 })
  })

  it('runs one invocation at a time, so that two at once get one each', async () => {
    const pool = poolOf([lambda('probe')])
    const waits = [1, 2].map(() => pool.invoke('probe', { action: 'never-settle' }))
    await expect.poll(() => busy(pool, 'probe'), { timeout: 10_000 }).toBe(2)
    expect(pool.environments()).toHaveLength(2)
    await pool.close()
    for (const result of await Promise.all(waits)) {
      expect(errorOf(result).errorMessage).toContain('signal: killed')
    }
  })

  it('shares neither variables nor globals with another or with the host', async () => {
    const pool = poolOf([lambda('a'), lambda('b')])
    const set = { action: 'set-variable', name: 'LEAK', value: 'leaked' }
    expect(payloadOf(await pool.invoke('a', set))).toBe('leaked')
    const read = { action: 'read-variables', names: ['LEAK'] }
    expect(payloadOf(await pool.invoke('b', read))).toStrictEqual({ variables: [null], seen: [] })
    expect(payloadOf(await pool.invoke('a', read))).toMatchObject({ seen: ['leaked'] })
    expect(process.env.LEAK).toBeUndefined()
    expect(globalThis).not.toHaveProperty('seen')
  })

  it.each([
    ['a busy loop', { action: 'busy-loop' }],
    ['a promise that never settles', { action: 'never-settle' }],
  ])('is ended at its timeout: %s', async (_, event) => {
    const pool = poolOf([lambda('probe', { timeoutSeconds: 1 })])
    const result = await pool.invoke('probe', event)
    expect(errorOf(result)).toMatchObject({
      errorType: 'Sandbox.Timedout',
      errorMessage: `RequestId: ${result.requestId} Error: Task timed out after 1.00 seconds`,
    })
    expect(payloadOf(await pool.invoke('probe', { action: 'count' }))).toMatchObject({
      invocations: 1,
    })
  })

  it.each([
    ['memory runs out', { action: 'fill-memory' }, 'signal: killed'],
    ['it exits with an error', { action: 'exit', code: 3 }, 'exit status 3'],
    ['it exits', { action: 'exit', code: 0 }, 'exited without providing a reason'],
    ['a rejection is not handled', { action: 'reject-aside' }, 'nobody awaited this'],
  ])('dies alone when %s', async (_, event, message) => {
    const pool = poolOf([lambda('probe', { memoryMb: 64 })])
    await pool.invoke('probe', { action: 'count' })
    expect(errorOf(await pool.invoke('probe', event)).errorMessage).toContain(message)
    expect(payloadOf(await pool.invoke('probe', { action: 'count' }))).toMatchObject({
      invocations: 1,
    })
  })

  it('can be crashed while it works', async () => {
    const pool = poolOf([lambda('probe')])
    expect(pool.killEnvironment('probe')).toBe(false)
    const running = pool.invoke('probe', { action: 'never-settle' })
    await expect.poll(() => busy(pool, 'probe'), { timeout: 10_000 }).toBe(1)
    expect(pool.killEnvironment('probe')).toBe(true)
    expect(errorOf(await running).errorMessage).toContain('signal: killed')
  })

  it.each([
    ['its module throws', { codeDirectory: fixture('fails-to-load') }, 'RangeError'],
    ['it exports no handler', { codeDirectory: fixture('no-handler') }, 'Runtime.HandlerNotFound'],
    ['there is no module', { handler: 'absent.handler' }, 'Runtime.ImportModuleError'],
  ])('fails the invocation when %s', async (_, changes, errorType) => {
    const pool = poolOf([lambda('probe', changes)])
    const results = await Promise.all([pool.invoke('probe', {}), pool.invoke('probe', {})])
    expect(results.map((result) => errorOf(result).errorType)).toStrictEqual([errorType, errorType])
    expect(pool.environments()).toStrictEqual([])
  })
})

describe('the caps', () => {
  it('queue what exceeds them', async () => {
    const pool = poolOf([lambda('probe')], { maxEnvironmentsPerFunction: 2 })
    const calls = Array.from({ length: 20 }, () => pool.invoke('probe', { action: 'count' }))
    const answers = (await Promise.all(calls)).map((result) => payloadOf(result))
    const used = new Set(
      answers.map((answer) => (answer as { environmentId: string }).environmentId),
    )
    expect(answers).toHaveLength(20)
    expect(used.size).toBeLessThanOrEqual(2)
    expect(pool.environments().length).toBeLessThanOrEqual(2)
  })

  it('never leave a function waiting for ever behind the others', async () => {
    const names = ['a', 'b', 'c', 'd']
    const pool = poolOf(
      names.map((name) => lambda(name)),
      { maxEnvironments: 2 },
    )
    const calls = Array.from({ length: 40 }, (_, index) =>
      pool.invoke(names[index % 4] ?? '', { action: 'wait', milliseconds: 1 }),
    )
    const answers = (await Promise.all(calls)).map((result) => payloadOf(result))
    expect(answers).toStrictEqual(Array.from({ length: 40 }, () => 'waited'))
    expect(pool.environments().length).toBeLessThanOrEqual(2)
  })

  it('let a function in while another never stops asking', async () => {
    const pool = poolOf([lambda('loud'), lambda('quiet')], { maxEnvironments: 1 })
    let asking = true
    const ask = async (): Promise<void> => {
      while (asking) payloadOf(await pool.invoke('loud', { action: 'count' }))
    }
    const loud = [ask(), ask(), ask()]
    expect(payloadOf(await pool.invoke('quiet', { action: 'nothing' }))).toBeNull()
    asking = false
    await Promise.all(loud)
  })
})

it('a closed pool refuses, also what waited', async () => {
  const pool = poolOf([lambda('probe')], { maxEnvironments: 1 })
  const running = pool.invoke('probe', { action: 'never-settle' })
  const waiting = pool.invoke('probe', { action: 'nothing' })
  await expect.poll(() => busy(pool, 'probe'), { timeout: 10_000 }).toBe(1)
  const refused = expect(waiting).rejects.toMatchObject({ reason: 'closed' })
  await pool.close()
  await refused
  expect(errorOf(await running).errorMessage).toContain('signal: killed')
  await expect(pool.invoke('probe', {})).rejects.toMatchObject({ reason: 'closed' })
})
