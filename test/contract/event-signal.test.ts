import { CreateQueueCommand, type SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type LocalAws, startAws } from '#infra/local/aws.ts'
import { place, sqsClient } from '#infra/local/resources.ts'
import { makeSqsEventSignal } from '#shared/adapters/queue/sqs-event-signal.ts'
import type { Tenant } from '#shared/ports/directory.ts'
import { signalAfter } from '#shared/use-cases/signal-after.ts'
import { type QueueProxy, startQueueProxy } from '#test/support/stack-queue.ts'

const tenant = (tenantId: string, hasSubscriptions: boolean): Tenant => ({
  tenantId,
  timeZone: 'UTC',
  wrappedIndexKey: new Uint8Array(),
  dataKeys: [],
  hasSubscriptions,
})

describe('hints that something happened', () => {
  let aws: LocalAws
  let proxy: QueueProxy
  let client: SQSClient
  let queueUrl: string
  let made = 0
  let time: number
  let errors: unknown[]

  beforeAll(async () => {
    aws = await startAws(0, place.region)
    proxy = await startQueueProxy(aws.url)
    client = sqsClient(proxy.url)
  })
  afterAll(async () => {
    client.destroy()
    await Promise.all([proxy.close(), aws.close()])
  })
  beforeEach(async () => {
    made += 1
    await client.send(new CreateQueueCommand({ QueueName: `hints-${made}` }))
    queueUrl = `${proxy.url}/000000000000/hints-${made}`
    time = 1_000_000
    errors = []
    proxy.batches.length = 0
  })

  const signal = (hasBus = false, url = queueUrl) =>
    makeSqsEventSignal({
      client,
      queueUrl: url,
      directory: {
        tenant: async (tenantId) => {
          if (tenantId === 'broken') throw new Error('no database')
          return tenantId === '9' ? undefined : tenant(tenantId, Number(tenantId) < 5)
        },
      },
      clock: { now: () => time },
      hasBus,
      onFailure: (error) => errors.push(error),
    })

  /** What was put on the queue. */
  const given = () => proxy.batches.flatMap(({ entries }) => entries)
  const hints = () => given().map(({ MessageBody }) => MessageBody)
  const hint = (tenantId: string, tries = 0) => JSON.stringify({ tenantId, tries })

  it('are of tenants to whom somebody listens, each once', async () => {
    await signal().signal(['1', '2', '1', '7', '9'])
    expect(hints()).toEqual([hint('1'), hint('2')])
    expect(given()).toMatchObject([
      { MessageGroupId: '1', DelaySeconds: 1 },
      { MessageGroupId: '2', DelaySeconds: 1 },
    ])
  })

  it('are of all tenants where there is a bus', async () => {
    await signal(true).signal(['1', '7'])
    expect(hints()).toEqual([hint('1'), hint('7')])
  })

  it('are given once in a second for a tenant', async () => {
    const { signal: tell, again } = signal()
    await tell(['1'])
    time += 999
    await tell(['1', '2'])
    time += 1
    await tell(['1', '2'])
    await again([{ tenantId: '3', inSeconds: 0, tries: 4 }])
    expect(hints()).toEqual([hint('1'), hint('2'), hint('1'), hint('3', 4)])
  })

  it('are more than ten at a time', async () => {
    await signal(true).signal(Array.from({ length: 23 }, (_, index) => String(index + 1)))
    expect(proxy.batches.map(({ entries }) => entries.length)).toEqual([10, 10, 3])
  })

  it('that cannot be given are no fault of the work before them', async () => {
    const lost = signal(false, `${proxy.url}/000000000000/nowhere`)
    const work = signalAfter(
      lost,
      async ({ tenantId }: { tenantId: string }) => `done for ${tenantId}`,
      ({ tenantId }) => [tenantId],
    )
    expect(await work({ tenantId: '1' })).toBe('done for 1')
    expect(errors).toHaveLength(1)
    expect(await work({ tenantId: 'broken' })).toBe('done for broken')
    await lost.again([{ tenantId: '1', inSeconds: 1, tries: 1 }])
    expect(errors).toHaveLength(3)
  })

  it('follow the work, and only when it was done', async () => {
    const work = signalAfter(
      signal(),
      async (tenantIds: readonly string[]) => {
        if (tenantIds.includes('4')) throw new Error('refused')
        return tenantIds.length
      },
      (tenantIds) => tenantIds,
    )
    await expect(work(['4'])).rejects.toThrow('refused')
    expect(await work(['1', '2'])).toBe(2)
    expect(hints()).toEqual([hint('1'), hint('2')])
  })
})
