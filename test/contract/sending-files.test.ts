import { CreateBucketCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type LocalAws, startAws } from '#infra/local/aws.ts'
import { place } from '#infra/local/resources.ts'
import { makeS3MediaObjects } from '#shared/adapters/storage/s3-media-objects.ts'
import { makeGraphMedia } from '#shared/adapters/whatsapp/media.ts'
import type { DeliveryRequest } from '#shared/ports/message-provider.ts'
import type { MessageStore, SendMedia, SettledSend } from '#shared/ports/message-store.ts'
import type { MediaUpload, UploadResult } from '#shared/ports/provider-media.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'
import { makeSendMessages, type SendParts } from '#shared/use-cases/send-messages.ts'
import { mediaS3Client, withoutFiles } from '#test/support/media.ts'
import { openPostgresWorld, type PostgresWorld } from '#test/support/stores.ts'
import { accept, fresh, messageOf, openChat, type WorldTenant } from '#test/support/stores-world.ts'
import { type Bench, number, startBench } from '#test/support/whatsapp-bench.ts'

const pdf = Buffer.concat([Buffer.from('%PDF-1.7'), Buffer.alloc(2_000_000, '-')])

/** Sends whose content has files: what they need is brought to Meta first. */
describe('sending files', () => {
  let world: PostgresWorld
  let aws: LocalAws
  let client: S3Client
  let phones: Bench
  let tenant: WorldTenant
  let settled: SettledSend[]
  let sent: DeliveryRequest[]
  let brought: MediaUpload[]

  beforeAll(async () => {
    ;[world, aws, phones] = await Promise.all([
      openPostgresWorld(),
      startAws(0, place.region),
      startBench(undefined),
    ])
    client = mediaS3Client(aws.url)
    await client.send(new CreateBucketCommand({ Bucket: 'files' }))
    await client.send(new PutObjectCommand({ Bucket: 'files', Key: 'media/1/a', Body: pdf }))
  })
  afterAll(async () => {
    client.destroy()
    await Promise.all([world.close(), aws.close(), phones.close()])
  })
  beforeEach(async () => {
    tenant = await world.addTenant()
    settled = []
    sent = []
    brought = []
  })

  const file = (more: Partial<SendMedia> = {}): SendMedia => ({
    mediaId: crypto.randomUUID(),
    objectKey: 'media/1/a',
    mimeType: 'application/pdf',
    filename: 'boleto.pdf',
    sizeBytes: pdf.length,
    providerMediaId: undefined,
    ...more,
  })

  /** The store, whose sends have these files. */
  function storeWith(media: readonly SendMedia[]): MessageStore {
    return {
      ...world.messages,
      claim: async (request) => {
        const claim = await world.messages.claim(request)
        const sender = { phoneNumberId: number.phoneNumberId, secretName: 'numero' }
        return {
          ...claim,
          sends: claim.sends.map((send) =>
            send.channel === 'WHATSAPP' ? { ...send, media, sender } : send,
          ),
        }
      },
      settle: (sends) => {
        settled.push(...sends)
        return world.messages.settle(sends)
      },
    }
  }

  const realUpload = () =>
    makeGraphMedia({
      graphUrl: phones.url,
      version: 'v26.0',
      token: async () => number.accessToken,
      resolveTimeoutMs: 5000,
      fetchTimeoutMs: 20_000,
      randomness: systemRandomness,
    }).upload

  function sending(
    media: readonly SendMedia[],
    {
      upload = realUpload(),
      clock = systemClock,
    }: {
      upload?: (upload: MediaUpload) => Promise<UploadResult>
      clock?: SendParts['clock']
    } = {},
  ) {
    return makeSendMessages({
      messages: storeWith(media),
      queue: { wake: async () => ({ failed: 0 }) },
      mail: withoutFiles.mail,
      layout: withoutFiles.layout,
      provider: {
        send: async (request) => {
          sent.push(request)
          return { outcome: 'accepted', providerMessageId: fresh('wamid'), held: false }
        },
      },
      providerMedia: {
        fetch: () => Promise.reject(new Error('nothing is fetched here')),
        upload: (wanted) => {
          brought.push(wanted)
          return upload(wanted)
        },
      },
      objects: makeS3MediaObjects({ client, bucket: 'files', clock: systemClock }),
      clock,
      randomness: systemRandomness,
      waits: world.waits,
      alerts: { raise: () => undefined },
    })
  }

  async function accepted() {
    const { chatId } = await openChat(world, tenant)
    return accept(world, tenant, { chatId })
  }
  const shown = (message: { chatId: string; messageId: string }) =>
    messageOf(world, tenant, message)

  it('brings each file that Meta does not have, and sends with their ids there', async () => {
    const [known, unknown] = [file({ providerMediaId: '4711' }), file()]
    const message = await accepted()
    expect(await sending([known, unknown])([message])).toEqual({ claimed: 1, accepted: 1 })
    const [id] = settled[0]?.uploads ?? []
    expect(settled[0]?.uploads).toEqual([
      { mediaId: unknown.mediaId, providerMediaId: expect.stringMatching(/^\d+$/) },
    ])
    expect([...(sent[0]?.media ?? [])]).toEqual([
      [known.mediaId, '4711'],
      [unknown.mediaId, id?.providerMediaId],
    ])
    const held = await phones.graph('GET', String(id?.providerMediaId))
    expect(held.json).toMatchObject({ file_size: pdf.length, mime_type: 'application/pdf' })
    expect(await shown(message)).toMatchObject({ status: 'SENT' })
  })

  it('a send without files neither brings any nor speaks of them', async () => {
    await sending([])([await accepted()])
    expect(brought).toEqual([])
    expect(sent[0]).not.toHaveProperty('media')
    expect(settled[0]).not.toHaveProperty('uploads')
  })

  const failures: readonly (readonly [UploadResult, object, object])[] = [
    [
      { outcome: 'rejected', reason: 'media-failed', code: 131053 },
      { outcome: 'REJECTED', reason: 'media-failed', code: 131053 },
      { status: 'FAILED', reason: 'media-failed', reasonCode: 131053 },
    ],
    [
      { outcome: 'throttled', scope: 'sender' },
      { outcome: 'REJECTED', reason: 'throttled', retryInSeconds: expect.any(Number) },
      { status: 'QUEUED', reason: 'throttled' },
    ],
    [
      { outcome: 'unavailable', scope: 'provider', reason: 'provider-unavailable' },
      { outcome: 'REJECTED', reason: 'provider-unavailable', retryInSeconds: expect.any(Number) },
      { status: 'QUEUED', reason: 'provider-unavailable' },
    ],
    [
      { outcome: 'unavailable', scope: 'sender', reason: 'sender-token', code: 190 },
      { outcome: 'REJECTED', reason: 'sender-token', health: 'broken' },
      { status: 'QUEUED', reason: 'sender-token' },
    ],
    [
      { outcome: 'unknown', detail: 'connection-lost' },
      { outcome: 'NOT_CALLED', reason: 'media-upload-lost', retryInSeconds: expect.any(Number) },
      { status: 'QUEUED', reason: 'media-upload-lost' },
    ],
  ]
  it.each(failures)('%j settles as %j', async (result, settlement, message) => {
    const accepting = await accepted()
    await sending([file()], { upload: async () => result })([accepting])
    expect(sent).toEqual([])
    expect(settled).toMatchObject([{ settlement, uploads: [] }])
    expect(await shown(accepting)).toMatchObject(message)
  })

  it('an upload that throws is one whose answer was lost', async () => {
    const upload = () => Promise.reject(new Error('a bug'))
    await sending([file()], { upload })([await accepted()])
    expect(settled).toMatchObject([{ settlement: { outcome: 'NOT_CALLED' } }])
  })

  it('an object that is not there is lost, and nothing is sent', async () => {
    await sending([file({ objectKey: 'media/1/none' })])([await accepted()])
    expect(sent).toEqual([])
    expect(settled).toMatchObject([{ settlement: { reason: 'media-upload-lost' } }])
  })

  it('keeps what was brought before another file failed', async () => {
    const [first, second] = [file(), file()]
    const results: UploadResult[] = [
      { outcome: 'uploaded', providerMediaId: '1' },
      { outcome: 'throttled', scope: 'sender' },
    ]
    const upload = async () => results.shift() as UploadResult
    await sending([first, second], { upload })([await accepted()])
    expect(settled).toMatchObject([
      {
        settlement: { reason: 'throttled' },
        uploads: [{ mediaId: first.mediaId, providerMediaId: '1' }],
      },
    ])
  })

  it('an upload that took the time of the batch leaves the send for later, and is kept', async () => {
    let now = Date.now()
    const upload = async (): Promise<UploadResult> => {
      now += world.waits.leaseSeconds * 1000
      return { outcome: 'uploaded', providerMediaId: '1' }
    }
    const wanted = file()
    const message = await accepted()
    await sending([wanted], { upload, clock: { now: () => now } })([message])
    expect(sent).toEqual([])
    expect(settled).toMatchObject([
      {
        settlement: { outcome: 'NOT_CALLED', reason: 'waits-its-turn', retryInSeconds: 0 },
        uploads: [{ mediaId: wanted.mediaId, providerMediaId: '1' }],
      },
    ])
    expect(await shown(message)).toMatchObject({ status: 'QUEUED' })
  })

  it('gives an upload the time until the last call of the batch, and no more', async () => {
    const upload = async (): Promise<UploadResult> => ({ outcome: 'throttled', scope: 'sender' })
    await sending([file()], { upload, clock: { now: () => 0 } })([await accepted()])
    const { leaseSeconds, providerTimeoutSeconds } = world.waits
    expect(brought[0]?.timeoutMs).toBe((leaseSeconds - providerTimeoutSeconds) * 1000 * 0.9)
  })
})
