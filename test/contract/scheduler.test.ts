import { SQSClient } from '@aws-sdk/client-sqs'
import { type FauxqsServer, startFauxqs } from 'fauxqs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Invoke, InvokeResult } from '#infra/local/lambda/invocation.ts'
import { ScheduleClock, type ScheduleEntry } from '#infra/local/lambda/schedule-clock.ts'
import { parseScheduleExpression } from '#infra/local/lambda/schedule-expression.ts'

const saoPaulo = 'America/Sao_Paulo'

function times(expression: string, timezone: string, after: string): string[] {
  const rhythm = parseScheduleExpression(expression, timezone)
  if (rhythm.kind === 'rate') throw new Error('a rate has no calendar')
  const found: string[] = []
  let from: Date | undefined = new Date(after)
  while (found.length < 3 && from !== undefined) {
    from = rhythm.next(from)
    if (from !== undefined) found.push(from.toISOString().replace('.000Z', 'Z'))
  }
  return found
}

describe('expressions', () => {
  it.each([
    ['rate(1 minute)', 60_000],
    ['rate(5 minutes)', 300_000],
    ['rate(1 hour)', 3_600_000],
    ['rate(2 days)', 172_800_000],
  ])('%s is every %i ms', (expression, everyMilliseconds) => {
    const rhythm = parseScheduleExpression(expression, 'UTC')
    expect(rhythm).toStrictEqual({ kind: 'rate', everyMilliseconds })
  })

  const monday = '2026-11-23T12:00:00Z'
  it.each<[string, string, string, string[]]>([
    [
      'cron(0 3 * * ? *)',
      saoPaulo,
      monday,
      ['2026-11-24T06:00:00Z', '2026-11-25T06:00:00Z', '2026-11-26T06:00:00Z'],
    ],
    [
      'cron(0 3 ? * 1 *)',
      'UTC',
      monday,
      ['2026-11-29T03:00:00Z', '2026-12-06T03:00:00Z', '2026-12-13T03:00:00Z'],
    ],
    [
      'cron(30 9 ? * MON-FRI *)',
      'UTC',
      '2026-11-26T12:00:00Z',
      ['2026-11-27T09:30:00Z', '2026-11-30T09:30:00Z', '2026-12-01T09:30:00Z'],
    ],
    [
      'cron(0/15 8 1 * ? *)',
      'UTC',
      monday,
      ['2026-12-01T08:00:00Z', '2026-12-01T08:15:00Z', '2026-12-01T08:30:00Z'],
    ],
    [
      'cron(5,50/5 8 ? * 7 *)',
      'UTC',
      monday,
      ['2026-11-28T08:05:00Z', '2026-11-28T08:50:00Z', '2026-11-28T08:55:00Z'],
    ],
    [
      'cron(0 0 L * ? *)',
      'UTC',
      monday,
      ['2026-11-30T00:00:00Z', '2026-12-31T00:00:00Z', '2027-01-31T00:00:00Z'],
    ],
    [
      'cron(0 0 ? * 6#3 *)',
      'UTC',
      monday,
      ['2026-12-18T00:00:00Z', '2027-01-15T00:00:00Z', '2027-02-19T00:00:00Z'],
    ],
    ['cron(0 0 1 1 ? 2027)', 'UTC', monday, ['2027-01-01T00:00:00Z']],
    ['cron(0 0 1 1 ? 2020)', 'UTC', monday, []],
    ['at(2026-12-01T09:00:00)', saoPaulo, monday, ['2026-12-01T12:00:00Z']],
    ['at(2026-11-01T09:00:00)', saoPaulo, monday, []],
  ])('%s in %s', (...[expression, timezone, after, expected]) => {
    expect(times(expression, timezone, after)).toStrictEqual(expected)
  })

  it('runs once a day over both changes of the clock', () => {
    const skipped = times('cron(30 2 * * ? *)', 'America/New_York', '2026-03-07T12:00:00Z')
    expect(skipped.map((time) => time.slice(0, 10))).toStrictEqual([
      '2026-03-08',
      '2026-03-09',
      '2026-03-10',
    ])
    const repeated = times('cron(30 1 * * ? *)', 'America/New_York', '2026-10-31T12:00:00Z')
    expect(repeated.map((time) => time.slice(0, 10))).toStrictEqual([
      '2026-11-01',
      '2026-11-02',
      '2026-11-03',
    ])
  })

  it.each([
    ['every minute', 'UTC'],
    ['rate(0 minutes)', 'UTC'],
    ['rate(1 second)', 'UTC'],
    ['rate(1.5 hours)', 'UTC'],
    ['cron(0 3 * * *)', 'UTC'],
    ['cron(0 3 * * * *)', 'UTC'],
    ['cron(0 3 ? * ? *)', 'UTC'],
    ['cron(0 25 * * ? *)', 'UTC'],
    ['cron(0 3 ? * 0 *)', 'UTC'],
    ['cron(0 3 ? * 8 *)', 'UTC'],
    ['cron(0 3 * * ? *)', 'America/Nowhere'],
    ['at(2026-12-01)', 'UTC'],
    ['at(2026-13-01T09:00:00)', 'UTC'],
    ['at(2026-12-01T09:00:00Z)', 'UTC'],
    ['at(2026-12-01T09:00:00)', 'America/Nowhere'],
  ])('%s in %s is refused', (expression, timezone) => {
    expect(() => parseScheduleExpression(expression, timezone)).toThrow()
  })
})

describe('the clock', () => {
  let server: FauxqsServer
  let client: SQSClient
  const clocks: ScheduleClock[] = []
  const errors: string[] = []

  beforeAll(async () => {
    server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
    server.createQueue('TARGET', { region: 'sa-east-1' })
    client = new SQSClient({
      endpoint: `http://127.0.0.1:${server.port}`,
      region: 'sa-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    })
  })

  afterEach(async () => {
    await Promise.all(clocks.splice(0).map((clock) => clock.stop()))
    errors.length = 0
  })

  afterAll(async () => {
    client.destroy()
    await server.stop()
  })

  function entry(changes: Partial<ScheduleEntry> = {}): ScheduleEntry {
    return {
      name: 'relay-each-minute',
      enabled: true,
      expression: 'rate(1 minute)',
      timezone: 'UTC',
      target: { kind: 'function', functionName: 'relay' },
      ...changes,
    }
  }

  function clockOf(schedule: ScheduleEntry, invoke: Invoke, timeScale = 1): ScheduleClock {
    const clock = new ScheduleClock({
      schedules: [schedule],
      region: 'sa-east-1',
      accountId: '000000000000',
      invoke,
      client,
      timeScale,
      onError: (name, error) => errors.push(`${name}: ${error.message}`),
    })
    clocks.push(clock)
    return clock
  }

  function target(failures = 0) {
    const events: unknown[] = []
    const invoke: Invoke = async (functionName, event): Promise<InvokeResult> => {
      events.push({ functionName, event })
      const error = { errorType: 'Error', errorMessage: 'refused', stackTrace: [] }
      if (events.length <= failures) return { outcome: 'failed', requestId: 'r', error }
      return { outcome: 'returned', requestId: 'r', payload: null }
    }
    return { events, invoke }
  }

  const soon = { timeout: 15_000, interval: 5 }

  it('repeats a rate, faster with a time scale', async () => {
    const { events, invoke } = target()
    clockOf(entry({ input: '{"a":1}' }), invoke, 1 / 3000)
    await expect.poll(() => events.length, soon).toBeGreaterThanOrEqual(3)
    expect(events[0]).toStrictEqual({ functionName: 'relay', event: { a: 1 } })
  })

  it('starts a run though the one before still runs', async () => {
    let started = 0
    const gate = Promise.withResolvers<InvokeResult>()
    clockOf(
      entry(),
      () => {
        started += 1
        return gate.promise
      },
      1 / 3000,
    )
    await expect.poll(() => started, soon).toBeGreaterThanOrEqual(2)
    gate.resolve({ outcome: 'returned', requestId: 'r', payload: null })
  })

  it('fires at(…) once', async () => {
    const { events, invoke } = target()
    const at = new Date(Date.now() + 1500).toISOString().slice(0, 19)
    clockOf(entry({ expression: `at(${at})` }), invoke)
    await expect.poll(() => events.length, soon).toBe(1)
  })

  it('leaves a disabled schedule alone, but runs it when told', async () => {
    const { events, invoke } = target()
    const clock = clockOf(entry({ enabled: false }), invoke, 1 / 60_000)
    await clock.runNow('relay-each-minute')
    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({
      functionName: 'relay',
      event: {
        'detail-type': 'Scheduled Event',
        source: 'aws.scheduler',
        region: 'sa-east-1',
        account: '000000000000',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        resources: ['arn:aws:scheduler:sa-east-1:000000000000:schedule/default/relay-each-minute'],
      },
    })
    await expect(clock.runNow('absent')).rejects.toThrow('there is no schedule absent')
  })

  it('fills in the keywords of its input', async () => {
    const { events, invoke } = target()
    const input =
      '{"at":"<aws.scheduler.scheduled-time>","n":<aws.scheduler.attempt-number>,"x":"<aws.scheduler.none>"}'
    await clockOf(entry({ enabled: false, input }), invoke).runNow('relay-each-minute')
    expect(events[0]).toMatchObject({
      event: { at: expect.stringMatching(/^\d{4}-.*Z$/), n: 1, x: '<aws.scheduler.none>' },
    })
  })

  it('sends to a queue', async () => {
    const queueUrl = `http://127.0.0.1:${server.port}/000000000000/TARGET`
    const schedule = entry({ enabled: false, target: { kind: 'queue', queueUrl }, input: 'text' })
    await clockOf(schedule, target().invoke).runNow('relay-each-minute')
    const bodies = server.inspectQueue('TARGET')?.messages.ready.map(({ body }) => body)
    expect(bodies).toStrictEqual(['text'])
  })

  it('tries a failed run two times more', async () => {
    const { events, invoke } = target(99)
    const at = new Date(Date.now() + 1500).toISOString().slice(0, 19)
    clockOf(entry({ expression: `at(${at})` }), invoke, 1 / 10_000)
    await expect.poll(() => errors, soon).toHaveLength(3)
    expect(events).toHaveLength(3)
    expect(errors[0]).toBe('relay-each-minute: Error: refused')
  })

  it('rejects a run that was asked for and failed', async () => {
    const clock = clockOf(entry({ enabled: false }), target(1).invoke)
    await expect(clock.runNow('relay-each-minute')).rejects.toThrow('refused')
  })

  it('refuses to start with an expression that it cannot read', () => {
    expect(() => clockOf(entry({ expression: 'rate(1 week)' }), target().invoke)).toThrow(
      'rate(1 week)',
    )
  })
})
