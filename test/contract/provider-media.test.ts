import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeGraphMedia } from '#shared/adapters/whatsapp/media.ts'
import { FileStopped, type MediaUpload } from '#shared/ports/provider-media.ts'
import { systemRandomness } from '#shared/runtime/system.ts'
import { fileHost } from '#test/support/file-host.ts'
import { type Bench, number, otherNumber, startBench } from '#test/support/whatsapp-bench.ts'

const sender = { phoneNumberId: number.phoneNumberId, secretName: 'numero' }
const bytes = Buffer.concat([Buffer.from('%PDF-1.7\r\n--'), Buffer.alloc(3_000_000, '-')])

/** The adapter for files against the simulator, and where that cannot be made to fail, a server. */
describe('files from and to Meta', () => {
  let phones: Bench

  beforeAll(async () => {
    phones = await startBench(undefined)
  })
  afterAll(() => phones.close())
  beforeEach(() => phones.configure({ mediaUrlSeconds: 300 }))

  function mediaAt(graphUrl: string, token: (fresh: boolean) => string = () => number.accessToken) {
    return makeGraphMedia({
      graphUrl,
      version: 'v26.0',
      token: async (_name, options) => token(options?.fresh === true),
      resolveTimeoutMs: 5000,
      fetchTimeoutMs: 20_000,
      randomness: systemRandomness,
    })
  }

  const upload = (more: Partial<MediaUpload> = {}): MediaUpload => ({
    sender,
    mimeType: 'application/pdf',
    filename: 'boleto.pdf',
    sizeBytes: bytes.length,
    open: async () => inParts(bytes),
    timeoutMs: 20_000,
    ...more,
  })

  async function* inParts(whole: Buffer) {
    for (let at = 0; at < whole.length; at += 65_536) yield whole.subarray(at, at + 65_536)
  }

  async function uploadedId(): Promise<string> {
    const result = await mediaAt(phones.url).upload(upload())
    if (result.outcome !== 'uploaded') throw new Error(result.outcome)
    return result.providerMediaId
  }

  async function fetched(providerMediaId: string, media = mediaAt(phones.url)) {
    const { body, ...file } = await media.fetch({ sender, providerMediaId })
    const parts: Uint8Array[] = []
    for await (const part of body) parts.push(part)
    return { ...file, bytes: Buffer.concat(parts) }
  }

  const stopOf = (work: Promise<unknown>) =>
    work.then(
      () => 'none',
      (error: unknown) => (error instanceof FileStopped ? error.stop : error),
    )

  it('bytes go up and come down the same', async () => {
    const file = await fetched(await uploadedId())
    expect(file.bytes.equals(bytes)).toBe(true)
    expect(file.sizeBytes).toBe(bytes.length)
    expect(Buffer.from(file.sha256)).toEqual(createHash('sha256').update(bytes).digest())
  })

  it('an address that is over is asked for anew', async () => {
    const id = await uploadedId()
    phones.configure({ mediaUrlSeconds: 0 })
    expect(await stopOf(fetched(id))).toBe('unavailable')
    phones.configure({ mediaUrlSeconds: 300 })
    expect((await fetched(id)).sizeBytes).toBe(bytes.length)
  })

  it('a file that is not there is gone', async () => {
    const id = await uploadedId()
    expect((await phones.graph('DELETE', id)).status).toBe(200)
    expect(await stopOf(fetched(id))).toBe('gone')
    expect(await stopOf(fetched('1'))).toBe('gone')
  })

  it('a file of another number is gone', async () => {
    const id = await uploadedId()
    const media = mediaAt(phones.url, () => otherNumber.accessToken)
    expect(await stopOf(fetched(id, media))).toBe('gone')
  })

  it.each([
    ['nobody knows', 'nobody-s'],
    ['cannot be sent', 'to\nken'],
    ['is empty', ''],
  ])('a token that %s is refused, going down and up', async (_, token) => {
    const media = mediaAt(phones.url, () => token)
    expect(await stopOf(fetched(await uploadedId(), media))).toBe('token-refused')
    expect(await media.upload(upload())).toMatchObject({
      outcome: 'unavailable',
      scope: 'sender',
      reason: 'sender-token',
    })
  })

  it('a token that was changed is read anew, and the file opened again', async () => {
    const id = await uploadedId()
    const media = mediaAt(phones.url, (fresh) => (fresh ? number.accessToken : 'an-old-one'))
    expect((await fetched(id, media)).sizeBytes).toBe(bytes.length)
    let opened = 0
    const open = async () => {
      opened += 1
      return inParts(bytes)
    }
    expect(await media.upload(upload({ open }))).toMatchObject({ outcome: 'uploaded' })
    expect(opened).toBe(2)
  })

  it('a type that Meta does not take is refused for good', async () => {
    expect(await mediaAt(phones.url).upload(upload({ mimeType: 'application/zip' }))).toEqual({
      outcome: 'rejected',
      reason: 'media-failed',
      code: 100,
    })
  })

  it('a file that is too large for its kind is refused for good', async () => {
    const large = Buffer.alloc(5 * 1024 * 1024 + 1)
    const image = {
      mimeType: 'image/png',
      sizeBytes: large.length,
      open: async () => inParts(large),
    }
    expect(await mediaAt(phones.url).upload(upload(image))).toEqual({
      outcome: 'rejected',
      reason: 'media-failed',
      code: 131053,
    })
  })

  it('a source that breaks off leaves no file there, and is lost', async () => {
    const open = async () =>
      (async function* () {
        yield bytes.subarray(0, 100_000)
        throw new Error('the bucket broke off')
      })()
    const result = await mediaAt(phones.url).upload(upload({ open }))
    expect(result).toEqual({ outcome: 'unknown', detail: 'connection-lost' })
  })

  it.each([
    ['too short', bytes.subarray(1)],
    ['too long', Buffer.concat([bytes, bytes])],
  ])('a source that is %s is not brought', async (_, other) => {
    const open = async () => inParts(other)
    const result = await mediaAt(phones.url).upload(upload({ open }))
    expect(result).toEqual({ outcome: 'unknown', detail: 'connection-lost' })
  })

  it('nothing is awaited beyond its limit', async () => {
    const graph = await fileHost(() => undefined)
    expect(await mediaAt(graph.origin).upload(upload({ timeoutMs: 500 }))).toEqual({
      outcome: 'unknown',
      detail: 'timeout',
    })
  })

  const answers: readonly (readonly [number, unknown, object])[] = [
    [200, { id: '77' }, { outcome: 'uploaded', providerMediaId: '77' }],
    [200, {}, { outcome: 'unknown', detail: 'unreadable-answer' }],
    [200, { id: 77 }, { outcome: 'unknown', detail: 'unreadable-answer' }],
    [500, '<html>', { outcome: 'unknown', detail: 'server-error' }],
    [500, { id: '77' }, { outcome: 'unknown', detail: 'server-error' }],
    [429, '', { outcome: 'throttled', scope: 'sender' }],
    [429, { error: { code: 130429 } }, { outcome: 'throttled', scope: 'sender', code: 130429 }],
    [503, { error: { code: 2 } }, { outcome: 'unavailable', scope: 'provider', code: 2 }],
    [401, { error: { code: 190 } }, { outcome: 'unavailable', scope: 'sender', code: 190 }],
    [400, { error: { code: 131053 } }, { outcome: 'rejected', reason: 'media-failed' }],
  ]
  it.each(answers)('%i with %j is %j', async (status, body, wanted) => {
    const graph = await fileHost((response, request) => {
      request.resume().once('end', () => {
        response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body))
      })
    })
    expect(await mediaAt(graph.origin).upload(upload())).toMatchObject(wanted)
  })

  it('tells Meta no name that a person gave', async () => {
    const parts: Buffer[] = []
    const graph = await fileHost((response, request) => {
      request.on('data', (part: Buffer) => parts.push(part))
      request.once('end', () => response.end('{"id":"77"}'))
    })
    await mediaAt(graph.origin).upload(upload({ filename: 'Boleto da Ana.pdf' }))
    expect(Buffer.concat(parts).subarray(0, 2000).toString()).not.toContain('Ana')
    expect(graph.seen).toEqual([
      {
        path: `/v26.0/${number.phoneNumberId}/media`,
        authorization: `Bearer ${number.accessToken}`,
      },
    ])
  })
})
