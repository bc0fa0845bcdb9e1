import type { Context, SQSEvent } from 'aws-lambda'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeTaskFailures } from '#shared/adapters/database/task-failures.ts'
import { makeKmsDataKeys } from '#shared/adapters/keys/kms-keys.ts'
import { makeTransitSealer } from '#shared/adapters/keys/transit-sealer.ts'
import { makeChunkReader } from '#shared/adapters/queue/sqs-chunk-queue.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import type { TransitSealer } from '#shared/ports/sealer.ts'
import { deadLetters } from '#shared/runtime/batch.ts'
import { systemClock } from '#shared/runtime/system.ts'
import { deadLetterPlace, makeRecordFailures } from '#shared/use-cases/record-failures.ts'
import { openPostgresWorld, type PostgresWorld } from '#test/support/stores.ts'
import { fresh, type WorldTenant } from '#test/support/stores-world.ts'

const queue = 'MESSAGE_SEND-dead-letters'

/** The consumer of dead-letter queues, over the real tables and keys. */
describe('dead letters', () => {
  let world: PostgresWorld
  let transit: TransitSealer
  let tenant: WorldTenant
  const stored = new Map<string, string>()
  const objects: ObjectStore = {
    put: async (key, text) => void stored.set(key, text),
    get: async (key) => {
      const text = stored.get(key)
      if (text === undefined) throw new Error(`no object ${key}`)
      return text
    },
  }
  let raised: { readonly name: string; readonly [fact: string]: unknown }[]

  beforeAll(async () => {
    world = await openPostgresWorld()
    transit = makeTransitSealer(makeKmsDataKeys(world.kmsClient, world.kms.keyArn), systemClock)
    tenant = await world.addTenant()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    raised = []
    await world.owner.query('truncate task_failures')
  })

  interface Letter {
    readonly body: string
    readonly messageId?: string
  }

  function consume(letters: readonly Letter[], from = queue) {
    const handle = deadLetters(
      makeRecordFailures({
        tasks: world.tasks,
        transit,
        chunks: makeChunkReader({ transit, objects }),
        alerts: { raise: (name, facts) => raised.push({ ...facts, name }) },
      }),
    )
    const records = letters.map(({ body, messageId = fresh('letter') }) => ({
      messageId,
      body,
      eventSourceARN: `arn:aws:sqs:sa-east-1:111122223333:${from}`,
    }))
    return handle({ Records: records } as SQSEvent, {} as Context)
  }

  async function rows() {
    const { rows: found } = await world.owner.query(
      `select task_failure_id::text as id, tenant_id::text, queue, queue_message_id, reason,
         body, resolved_at
       from task_failures order by task_failure_id`,
    )
    return found
  }

  async function openedBodies(): Promise<readonly string[]> {
    const failures = makeTaskFailures(world.dataApi)
    return Promise.all(
      (await rows()).map(async ({ id, queue_message_id }) =>
        transit.open(
          deadLetterPlace(queue, queue_message_id),
          (await failures.sealedBody(id)) ?? 'gone',
        ),
      ),
    )
  }

  const unreadable: readonly (readonly [string, string])[] = [
    ['no JSON', 'isto não é JSON'],
    ['an empty text', ''],
    ['JSON of another kind', '[1,2]'],
    ['null', 'null'],
    ['the payload of an older version', JSON.stringify({ version: 1, messageId: '12' })],
    ['a wake-up without its tenant', JSON.stringify({ taskId: '12' })],
    ['ids that are numbers', JSON.stringify({ tenantId: 1, taskId: 12 })],
    ['ids that are none', JSON.stringify({ tenantId: 'abc', taskId: '-1' })],
    ['an id beyond every table', JSON.stringify({ tenantId: '1', taskId: '9'.repeat(40) })],
    ['a NUL and a lone surrogate', '{"tenantId":"\u0000","taskId":"\ud800"}'],
  ]

  it.each(unreadable)('%s is unreadable, and visible', async (_, body) => {
    expect(await consume([{ body }])).toEqual({ batchItemFailures: [] })
    const [row, ...others] = await rows()
    expect(others).toEqual([])
    expect(row).toMatchObject({ tenant_id: '0', queue, reason: 'unreadable', resolved_at: null })
    expect(await openedBodies()).toEqual([body.toWellFormed()])
    expect(raised).toEqual([{ name: 'TaskFailed', queue, reason: 'unreadable' }])
  })

  it("a readable wake-up was not processed; the failure is its tenant's", async () => {
    const { tenantId } = tenant
    const body = JSON.stringify({ tenantId, taskId: '12', note: 'of a later version' })
    await consume([{ body }])
    expect(await rows()).toMatchObject([{ tenant_id: tenantId, reason: 'not-processed' }])
    expect(await openedBodies()).toEqual([body])
    expect(raised).toEqual([{ name: 'TaskFailed', queue, reason: 'not-processed' }])
  })

  it('a wake-up of a tenant that does not exist belongs to the deployment', async () => {
    await consume([{ body: JSON.stringify({ tenantId: '987654321', taskId: '12' }) }])
    expect(await rows()).toMatchObject([{ tenant_id: '0', reason: 'not-processed' }])
  })

  it.each([
    ['in the queue body', false],
    ['in S3', true],
  ])(
    'a chunk that opens, %s, was not processed; one that was moved is unreadable',
    async (_, isLarge) => {
      const sealed = await transit.seal('WEBHOOK_EVENT', '[{"kind":"message"}]')
      const moved = await transit.seal('elsewhere', '[]')
      stored.set('chunks/1', sealed)
      stored.set('chunks/2', moved)
      await consume(
        isLarge
          ? [{ body: '{"object":"chunks/1"}' }, { body: '{"object":"chunks/2"}' }]
          : [{ body: JSON.stringify({ sealed }) }, { body: JSON.stringify({ sealed: moved }) }],
      )
      expect((await rows()).map(({ reason }) => reason)).toEqual(['not-processed', 'unreadable'])
    },
  )

  it('a chunk whose object is gone is unreadable', async () => {
    await consume([{ body: '{"object":"chunks/none"}' }])
    expect(await rows()).toMatchObject([{ reason: 'unreadable' }])
  })

  it('keeps no word of a body in the clear', async () => {
    const canary = 'Ana Lima +5511987654321'
    await consume([{ body: canary }, { body: JSON.stringify({ text: canary }) }])
    const stored = (await rows()).map(({ body }) => body.toString('latin1'))
    expect(stored).toHaveLength(2)
    for (const body of stored) expect(body).not.toMatch(/Ana|Lima|987654321/)
  })

  it('a body moved to another row does not open', async () => {
    await consume([
      { body: 'um', messageId: 'one' },
      { body: 'dois', messageId: 'two' },
    ])
    const [one] = await rows()
    const envelope = one?.body.toString('utf8') ?? ''
    expect(await transit.open(deadLetterPlace(queue, 'one'), envelope)).toBe('um')
    await expect(transit.open(deadLetterPlace(queue, 'two'), envelope)).rejects.toThrow()
  })

  it('a batch that comes twice, also at the same moment, leaves one row each', async () => {
    const letters = Array.from({ length: 10 }, (_, index) => ({
      body: `corpo ${index}`,
      messageId: `copy-${index}`,
    }))
    await consume(letters)
    const once = await rows()
    expect(once).toHaveLength(10)
    await Promise.all([consume(letters), consume(letters.toReversed())])
    expect(await rows()).toEqual(once)
  })

  it('tells the same id on two queues apart', async () => {
    await consume([{ body: 'x', messageId: 'same' }], 'MESSAGE_SEND-dead-letters')
    await consume([{ body: 'x', messageId: 'same' }], 'WEBHOOK_EVENT-dead-letters')
    expect(await rows()).toHaveLength(2)
  })

  it('what it cannot record stays in the queue', async () => {
    const letters = [
      { body: 'a', messageId: 'a' },
      { body: 'b', messageId: 'b' },
    ]
    world.endpoint.fail({
      kind: 'error',
      error: 'StatementTimeoutException',
      sqlIncludes: 'task_failures',
      probability: 1,
    })
    const answer = await consume(letters)
    world.endpoint.clearFaults()
    expect(answer.batchItemFailures).toEqual([{ itemIdentifier: 'a' }, { itemIdentifier: 'b' }])
    expect(raised).toEqual([])
    expect(await rows()).toEqual([])
    expect(await consume(letters)).toEqual({ batchItemFailures: [] })
    expect(await rows()).toHaveLength(2)
  })
})
