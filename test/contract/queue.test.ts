import { KMSClient } from '@aws-sdk/client-kms'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { CreateQueueCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type LocalAws, startAws } from '#infra/local/aws.ts'
import { type Kms, startKms } from '#infra/local/kms.ts'
import { place, s3Client, sqsClient } from '#infra/local/resources.ts'
import { makeKmsDataKeys } from '#shared/adapters/keys/kms-keys.ts'
import { makeTransitSealer } from '#shared/adapters/keys/transit-sealer.ts'
import { makeChunkReader, makeSqsChunkQueue } from '#shared/adapters/queue/sqs-chunk-queue.ts'
import { makeSqsTaskQueue } from '#shared/adapters/queue/sqs-task-queue.ts'
import { makeS3ObjectStore } from '#shared/adapters/storage/s3-object-store.ts'
import type { Wake } from '#shared/ports/task-queue.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'
import { type QueueProxy, startQueueProxy } from '#test/support/stack-queue.ts'

describe('queues', () => {
  let aws: LocalAws
  let proxy: QueueProxy
  let client: SQSClient
  let kms: Kms
  let made = 0

  beforeAll(async () => {
    aws = await startAws(0, place.region)
    proxy = await startQueueProxy(aws.url)
    client = sqsClient(proxy.url)
    kms = await startKms({ port: 0 })
  })
  afterAll(async () => {
    client.destroy()
    await Promise.all([proxy.close(), aws.close(), kms.close()])
  })
  beforeEach(() => {
    proxy.set('none')
    proxy.batches.length = 0
  })

  async function newQueue(): Promise<string> {
    made += 1
    await client.send(new CreateQueueCommand({ QueueName: `queue-${made}` }))
    return `${proxy.url}/000000000000/queue-${made}`
  }

  async function bodiesOf(queueUrl: string): Promise<string[]> {
    const bodies: string[] = []
    for (;;) {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 }),
      )
      if (Messages.length === 0) return bodies
      bodies.push(...Messages.map(({ Body = '' }) => Body))
    }
  }

  describe('of wake-ups', () => {
    const errors: unknown[] = []
    const wake = (taskId: number, more: Partial<Wake> = {}): Wake => ({
      type: 'MESSAGE_SEND',
      tenantId: '7',
      taskId: String(taskId),
      inSeconds: 0,
      ...more,
    })
    const wakes = (count: number) => Array.from({ length: count }, (_, index) => wake(index + 1))

    async function open() {
      errors.length = 0
      const urls = { MESSAGE_SEND: await newQueue(), MESSAGE_STATUS_CHECK: await newQueue() }
      return { urls, queue: makeSqsTaskQueue(client, urls, (error) => errors.push(error)) }
    }

    it('carry ids only, in batches of ten, grouped by tenant', async () => {
      const { urls, queue } = await open()
      expect(await queue.wake(wakes(25))).toEqual({ failed: 0 })
      expect(proxy.batches.map(({ entries }) => entries.length).sort()).toEqual([10, 10, 5])
      const entries = proxy.batches.flatMap((batch) => batch.entries)
      expect(entries.every(({ MessageGroupId }) => MessageGroupId === '7')).toBe(true)
      const bodies = (await bodiesOf(urls.MESSAGE_SEND)).map((body) => JSON.parse(body))
      expect(bodies.toSorted((a, b) => a.taskId - b.taskId)).toEqual(
        wakes(25).map(({ tenantId, taskId }) => ({ tenantId, taskId })),
      )
    })

    it('go to the queue of their type, and wait as asked, 900 s at most', async () => {
      const { urls, queue } = await open()
      await queue.wake([
        wake(1, { inSeconds: 0.2 }),
        wake(2, { type: 'MESSAGE_STATUS_CHECK', inSeconds: 900 }),
        wake(3, { inSeconds: 4000 }),
        wake(4, { inSeconds: -3 }),
      ])
      const delays = (queueUrl: string) =>
        proxy.batches
          .filter((batch) => batch.queueUrl === queueUrl)
          .flatMap(({ entries }) => entries.map(({ DelaySeconds }) => DelaySeconds))
      expect(delays(urls.MESSAGE_SEND)).toEqual([1, 900, 0])
      expect(delays(urls.MESSAGE_STATUS_CHECK)).toEqual([900])
    })

    it('are nothing to send when there are none', async () => {
      const { queue } = await open()
      expect(await queue.wake([])).toEqual({ failed: 0 })
      expect(proxy.batches).toEqual([])
    })

    it('that a queue refuses are counted, not thrown', async () => {
      const { queue } = await open()
      proxy.set('refused')
      expect(await queue.wake(wakes(12))).toEqual({ failed: 12 })
      proxy.set('half')
      expect(await queue.wake(wakes(12))).toEqual({ failed: 6 })
    })

    it('to a queue that is down are counted and told', async () => {
      const { queue } = await open()
      proxy.set('down')
      expect(await queue.wake(wakes(12))).toEqual({ failed: 12 })
      expect(errors).toHaveLength(2)
    })
  })

  describe('of webhook chunks', () => {
    async function open() {
      const bucket = `bucket-${made}`
      const s3 = s3Client(aws.url)
      await s3.send(new CreateBucketCommand({ Bucket: bucket }))
      const objects = makeS3ObjectStore(s3, bucket)
      const kmsClient = new KMSClient({
        endpoint: kms.url,
        region: place.region,
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      })
      const dataKeys = makeKmsDataKeys(kmsClient, kms.keyArn)
      const transit = makeTransitSealer(dataKeys, systemClock)
      const queueUrl = await newQueue()
      const parts = { client, queueUrl, transit, objects, randomness: systemRandomness }
      const reader = makeChunkReader({ transit: makeTransitSealer(dataKeys, systemClock), objects })
      const readAll = async () =>
        Promise.all((await bodiesOf(queueUrl)).map((body) => reader.open(body)))
      return { queue: makeSqsChunkQueue(parts), reader, readAll }
    }

    it('come out as they went in, sealed on the way', async () => {
      const { queue, readAll } = await open()
      const chunks = Array.from({ length: 23 }, (_, index) => `[{"text":"segredo ${index}"}]`)
      await queue.put(chunks)
      expect(proxy.batches.every(({ entries }) => entries.length <= 10)).toBe(true)
      expect(JSON.stringify(proxy.batches)).not.toContain('segredo')
      expect((await readAll()).toSorted()).toEqual(chunks.toSorted())
    })

    it('that are large travel through the bucket, and batches stay under 1 MiB', async () => {
      const { queue, readAll } = await open()
      const chunks = [
        `["${'a'.repeat(3_000_000)}"]`,
        ...Array.from({ length: 12 }, (_, index) => `["${String(index).repeat(140_000)}"]`),
      ]
      await queue.put(chunks)
      for (const { entries } of proxy.batches) {
        expect(JSON.stringify(entries).length).toBeLessThanOrEqual(1024 * 1024)
      }
      expect((await readAll()).toSorted()).toEqual(chunks.toSorted())
    })

    it('that a queue refuses at first are sent again, those only', async () => {
      const { queue, readAll } = await open()
      const chunks = ['[1]', '[2]', '[3]', '[4]']
      proxy.set('half-once')
      await queue.put(chunks)
      expect(proxy.batches.map(({ entries }) => entries.length)).toEqual([4, 2])
      expect((await readAll()).toSorted()).toEqual(chunks)
    })

    it.each(['refused', 'down'] as const)('throw when the queue is %s', async (fault) => {
      const { queue } = await open()
      proxy.set(fault)
      await expect(queue.put(['[1]', '[2]'])).rejects.toThrow()
    })

    it.each(['{}', 'not json', '{"sealed":"x"}', '{"object":"chunks/gone"}'])(
      'that are none do not open: %s',
      async (body) => {
        const { reader } = await open()
        await expect(reader.open(body)).rejects.toThrow()
      },
    )
  })
})
