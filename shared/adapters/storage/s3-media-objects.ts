import { Readable } from 'node:stream'
import {
  CopyObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { headBytes } from '../../domain/media.ts'
import type { Clock } from '../../ports/clock.ts'
import type { MediaObjects, SeenObject } from '../../ports/media-objects.ts'
import { signedRequest } from './signed-request.ts'

interface Bucket {
  readonly client: S3Client
  readonly bucket: string
  readonly clock: Clock
}

const uploadSeconds = 900
const downloadSeconds = 300

/**
 * Files in an S3 bucket. The client must compute checksums only where they are required: a signed
 * upload would else promise one of bytes that nobody has seen.
 */
export function makeS3MediaObjects(at: Bucket): MediaObjects {
  const { client, bucket } = at
  return {
    signUpload: (object) => signUpload(at, object),
    signDownload: ({ key, contentType, contentDisposition, expiresInSeconds }) => {
      const command = new GetObjectCommand({
        Bucket: bucket,
        Key: key,
        ResponseContentType: contentType,
        ResponseContentDisposition: contentDisposition,
        ResponseCacheControl: 'private, no-store',
      })
      return signedRequest(command, {
        ...signingAt(at, expiresInSeconds ?? downloadSeconds),
        headers: [],
      })
    },
    look: (key) => look(at, key),
    copy: (copied) => copy(at, copied),
    write: (object) => write(at, object),
    read: async (key, signal) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), {
        abortSignal: signal,
      })
      if (Body === undefined) throw new Error('an object has no body')
      return Body as unknown as AsyncIterable<Uint8Array>
    },
  }
}

function signingAt({ client, clock }: Bucket, expiresInSeconds: number) {
  return { client, expiresInSeconds, now: clock.now() }
}

function signUpload(
  at: Bucket,
  { key, mimeType, sizeBytes, sha256 }: Parameters<MediaObjects['signUpload']>[0],
) {
  const checksum = sha256 && Buffer.from(sha256).toString('base64')
  const command = new PutObjectCommand({
    Bucket: at.bucket,
    Key: key,
    ContentType: mimeType,
    ContentLength: sizeBytes,
    ...(checksum !== undefined && { ChecksumSHA256: checksum }),
  })
  return signedRequest(command, {
    ...signingAt(at, uploadSeconds),
    headers: ['content-type', 'content-length', 'x-amz-checksum-sha256'],
  })
}

async function look({ client, bucket }: Bucket, key: string): Promise<SeenObject | undefined> {
  const target = { Bucket: bucket, Key: key }
  try {
    const seen = await client.send(new HeadObjectCommand({ ...target, ChecksumMode: 'ENABLED' }))
    const version = seen.ETag ?? ''
    const sizeBytes = seen.ContentLength ?? 0
    return {
      sizeBytes,
      version,
      sha256:
        seen.ChecksumSHA256 === undefined ? undefined : Buffer.from(seen.ChecksumSHA256, 'base64'),
      head: sizeBytes === 0 ? new Uint8Array() : await readHead({ client, target, version }),
    }
  } catch (error) {
    // Gone, or written again between the two looks: the caller asks again.
    if (statusOf(error) === 404 || statusOf(error) === 412) return undefined
    throw error
  }
}

async function readHead(from: {
  client: S3Client
  target: { Bucket: string; Key: string }
  version: string
}): Promise<Uint8Array> {
  const { Body } = await from.client.send(
    new GetObjectCommand({
      ...from.target,
      Range: `bytes=0-${headBytes - 1}`,
      IfMatch: from.version,
    }),
  )
  return (await Body?.transformToByteArray()) ?? new Uint8Array()
}

async function copy(
  { client, bucket }: Bucket,
  { from, version, to, contentType }: Parameters<MediaObjects['copy']>[0],
): Promise<boolean> {
  try {
    await client.send(
      new CopyObjectCommand({
        Bucket: bucket,
        Key: to,
        CopySource: `${bucket}/${from}`,
        CopySourceIfMatch: version,
        ContentType: contentType,
        MetadataDirective: 'REPLACE',
      }),
    )
    return true
  } catch (error) {
    if (statusOf(error) === 404 || statusOf(error) === 412) return false
    throw error
  }
}

/**
 * One PUT with its length announced: S3 makes the object only when every byte has come, so a body
 * that breaks off leaves nothing. A broken stream does not end the request by itself.
 */
async function write(
  { client, bucket }: Bucket,
  { key, contentType, sizeBytes, body }: Parameters<MediaObjects['write']>[0],
): Promise<void> {
  const broken = new AbortController()
  const source = Readable.from(body, { objectMode: false, highWaterMark: 1024 * 1024 })
  source.once('error', (error) => broken.abort(error))
  try {
    await client.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: source,
        ContentLength: sizeBytes,
        ContentType: contentType,
      }),
      { abortSignal: broken.signal },
    )
  } catch (error) {
    throw broken.signal.aborted ? broken.signal.reason : error
  } finally {
    source.destroy()
  }
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return undefined
  return (error.$metadata as { httpStatusCode?: number }).httpStatusCode
}
