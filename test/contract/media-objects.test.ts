import { createHash } from 'node:crypto'
import { CreateBucketCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalAws, startAws } from '#infra/local/aws.ts'
import { place, s3Client } from '#infra/local/resources.ts'
import { makeS3MediaObjects } from '#shared/adapters/storage/s3-media-objects.ts'
import type { MediaObjects, SignedRequest } from '#shared/ports/media-objects.ts'
import { mediaS3Client } from '#test/support/media.ts'

const bytes = Buffer.from('%PDF-1.7 uma segunda via')
const sha256 = createHash('sha256').update(bytes).digest()
const declared = { mimeType: 'application/pdf', sizeBytes: bytes.length, sha256 }

describe('files in a bucket', () => {
  let aws: LocalAws
  let plain: S3Client
  let client: S3Client
  let objects: MediaObjects
  let keys = 0

  beforeAll(async () => {
    aws = await startAws(0, place.region)
    plain = s3Client(aws.url)
    await plain.send(new CreateBucketCommand({ Bucket: 'files' }))
    client = mediaS3Client(aws.url)
    objects = objectsAt(Date.now())
  })
  afterAll(async () => {
    plain.destroy()
    client.destroy()
    await aws.close()
  })

  const objectsAt = (now: number) =>
    makeS3MediaObjects({ client, bucket: 'files', clock: { now: () => now } })
  const freshKey = () => `uploads/7/${++keys}`
  const put = async ({ url, headers }: SignedRequest, body: Uint8Array<ArrayBuffer> = bytes) => {
    const { 'content-length': _, ...rest } = headers
    return (await fetch(url, { method: 'PUT', headers: rest, body })).status
  }
  async function stored(): Promise<string> {
    const key = freshKey()
    expect(await put(await objects.signUpload({ key, ...declared }))).toBe(200)
    return key
  }
  const chunks = async function* (...parts: readonly (Buffer | Error)[]) {
    for (const part of parts) {
      if (part instanceof Error) throw part
      yield part
    }
  }
  const textOf = async (key: string) => {
    const parts: Uint8Array[] = []
    for await (const part of await objects.read(key, new AbortController().signal)) parts.push(part)
    return Buffer.concat(parts).toString()
  }

  it('takes exactly what an upload was signed for, and sees it again', async () => {
    const key = await stored()
    expect(await objects.look(key)).toEqual({
      sizeBytes: bytes.length,
      sha256,
      head: new Uint8Array(bytes),
      version: expect.any(String),
    })
  })

  it('gives all that has to be sent, and when it ends', async () => {
    const now = Date.parse('2026-11-25T12:00:00Z')
    const signed = await objectsAt(now).signUpload({ key: 'uploads/7/x', ...declared })
    expect(signed).toEqual({
      url: expect.stringContaining(`${aws.url}/files/uploads/7/x?`),
      headers: {
        'content-type': 'application/pdf',
        'content-length': String(bytes.length),
        'x-amz-checksum-sha256': sha256.toString('base64'),
      },
      expiresAt: '2026-11-25T12:15:00.000Z',
    })
  })

  const others: readonly (readonly [string, (signed: SignedRequest) => Promise<number>, number])[] =
    [
      ['another type', (s) => put(withHeader(s, 'content-type', 'text/html')), 403],
      ['another length', (s) => put(s, Buffer.concat([bytes, bytes])), 403],
      [
        'another hash',
        (s) => put(withHeader(s, 'x-amz-checksum-sha256', bytes.toString('base64'))),
        403,
      ],
      ['no hash', ({ headers, url }) => put({ ...only(headers, 'content-type'), url }), 403],
      ['other bytes of the same length', (s) => put(s, Buffer.alloc(bytes.length)), 400],
      ['another key', (s) => put({ ...s, url: s.url.replace('uploads', 'media') }), 403],
      ['another signature', (s) => put({ ...s, url: s.url.replace(/.$/, nextHex) }), 403],
      ['a longer life', (s) => put({ ...s, url: s.url.replace('=900', '=901') }), 403],
      ['another verb', async ({ url }) => (await fetch(url)).status, 403],
    ]
  it.each(others)('refuses %s', async (_, attempt, status) => {
    const key = freshKey()
    expect(await attempt(await objects.signUpload({ key, ...declared }))).toBe(status)
    expect(await objects.look(key)).toBeUndefined()
  })

  it('refuses an upload after its 15 minutes and a download after its 5', async () => {
    const key = await stored()
    const upload = await objectsAt(Date.now() - 901_000).signUpload({ key, ...declared })
    expect(await put(upload)).toBe(403)
    const asked = { key, contentType: 'application/pdf', contentDisposition: 'attachment' }
    const late = await objectsAt(Date.now() - 301_000).signDownload(asked)
    expect((await fetch(late.url)).status).toBe(403)
    const { url } = await objects.signDownload(asked)
    expect((await fetch(url)).status).toBe(200)
  })

  it('forces the headers of a download, whatever the object says', async () => {
    const key = freshKey()
    await plain.send(
      new PutObjectCommand({
        Bucket: 'files',
        Key: key,
        Body: '<script>alert(1)</script>',
        ContentType: 'text/html',
        ContentDisposition: 'inline',
      }),
    )
    const contentDisposition = `attachment; filename="n_o.html"; filename*=UTF-8''n%C3%A3o.html`
    const { url } = await objects.signDownload({
      key,
      contentType: 'application/octet-stream',
      contentDisposition,
    })
    const { headers } = await fetch(url)
    expect(headers.get('content-type')).toBe('application/octet-stream')
    expect(headers.get('content-disposition')).toBe(contentDisposition)
    expect(headers.get('cache-control')).toBe('private, no-store')
    const altered = await fetch(url.replace('octet-stream', 'xhtml%2Bxml'))
    expect(altered.status).toBe(403)
  })

  it('sees nothing where nothing is', async () => {
    expect(await objects.look('uploads/7/none')).toBeUndefined()
    await expect(objects.read('uploads/7/none', new AbortController().signal)).rejects.toThrow()
  })

  it('copies the version that was looked at, and no other', async () => {
    const from = await stored()
    const seen = await objects.look(from)
    if (seen === undefined) throw new Error('nothing there')
    const copy = { from, version: seen.version, contentType: 'application/pdf' }
    expect(await objects.copy({ ...copy, to: 'media/7/one' })).toBe(true)
    expect(await textOf('media/7/one')).toBe(bytes.toString())
    await plain.send(new PutObjectCommand({ Bucket: 'files', Key: from, Body: 'something else' }))
    expect(await objects.copy({ ...copy, to: 'media/7/two' })).toBe(false)
    expect(await objects.look('media/7/two')).toBeUndefined()
    expect(await objects.copy({ ...copy, from: 'uploads/7/none', to: 'media/7/two' })).toBe(false)
  })

  it('writes a stream of 20 MiB whole', async () => {
    const part = Buffer.alloc(1024 * 1024, 'a')
    const body = chunks(...Array.from({ length: 20 }, () => part))
    const object = { key: 'media/7/long', contentType: 'text/plain', sizeBytes: 20 * part.length }
    await objects.write({ ...object, body })
    expect((await objects.look('media/7/long'))?.sizeBytes).toBe(20 * part.length)
  })

  it('leaves nothing of a stream that breaks off, and says why', async () => {
    const broken = new Error('broken off')
    const body = chunks(Buffer.alloc(1024 * 1024), broken)
    const object = { key: 'media/7/broken', contentType: 'text/plain', sizeBytes: 2 * 1024 * 1024 }
    await expect(objects.write({ ...object, body })).rejects.toBe(broken)
    expect(await objects.look('media/7/broken')).toBeUndefined()
  })

  it('leaves nothing of a stream that breaks off before its first byte', async () => {
    const broken = new Error('never began')
    const object = { key: 'media/7/never', contentType: 'text/plain', sizeBytes: 5 }
    await expect(objects.write({ ...object, body: chunks(broken) })).rejects.toBe(broken)
    expect(await objects.look('media/7/never')).toBeUndefined()
  })
})

const nextHex = (digit: string) => ((Number.parseInt(digit, 16) + 1) % 16).toString(16)

function withHeader(signed: SignedRequest, name: string, value: string): SignedRequest {
  return { ...signed, headers: { ...signed.headers, [name]: value } }
}

function only(headers: SignedRequest['headers'], name: string) {
  return { headers: { [name]: headers[name] ?? '' }, expiresAt: '' }
}
