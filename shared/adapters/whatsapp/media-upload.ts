import * as z from 'zod'
import { metaId } from '#shared/contracts/whatsapp-webhook.ts'
import type { MediaUpload, UploadResult } from '../../ports/provider-media.ts'
import type { Randomness } from '../../ports/randomness.ts'
import {
  type CloudApiOptions,
  endOf,
  isHeaderSafe,
  readToken,
  refusedToken,
  renewedToken,
  tokenUnusable,
} from './messages-call.ts'
import { makeSinglePost, type PostResult, type StreamedBody } from './single-post.ts'

const uploaded = z.looseObject({ id: metaId })

/**
 * Brings a file of ours to Meta: `POST /{phone number id}/media`, multipart, streamed. Repeated only
 * after Meta refused the token and a fresh read gave another one.
 */
export function makeMediaUpload(options: CloudApiOptions, randomness: Randomness) {
  const post = makeSinglePost()
  const base = options.graphUrl.replace(/\/+$/, '')

  async function attempt(
    upload: MediaUpload,
    { token, signal }: { token: string; signal: AbortSignal },
  ): Promise<UploadResult> {
    if (!isHeaderSafe(token)) return tokenUnusable
    const bytes = await upload.open(signal)
    const number = encodeURIComponent(upload.sender.phoneNumberId)
    const url = new URL(`${base}/${options.version}/${number}/media`)
    const source = new Source(bytes, upload.sizeBytes)
    const body = multipart(upload, source, randomness.uuid())
    const result = await post({ url, token, body, signal })
    return source.broke ? brokenSource : outcomeOf(result)
  }

  return async (upload: MediaUpload): Promise<UploadResult> => {
    const signal = AbortSignal.timeout(Math.ceil(upload.timeoutMs))
    const { secretName } = upload.sender
    const token = await readToken(options, secretName)
    const first = await attempt(upload, { token, signal })
    if (first.outcome === 'uploaded' || !refusedToken(first) || signal.aborted) return first
    const renewed = await renewedToken(options, secretName, token)
    return renewed === undefined ? first : attempt(upload, { token: renewed, signal })
  }
}

function multipart(
  { mimeType, sizeBytes }: MediaUpload,
  source: Source,
  boundary: string,
): StreamedBody {
  const field = (name: string, value: string) =>
    `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  // The name is a fixed one: what a person called the file travels sealed, in the message.
  const file = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="file"\r\n`
  const head = Buffer.from(
    field('messaging_product', 'whatsapp') +
      field('type', mimeType) +
      `${file}content-type: ${mimeType}\r\n\r\n`,
  )
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`)
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    contentLength: head.length + sizeBytes + tail.length,
    bytes: framed(head, source, tail),
  }
}

async function* framed(head: Buffer, source: Source, tail: Buffer) {
  yield head
  yield* source.bytes()
  yield tail
}

/** Our own bucket broke off: nothing that Meta would have to answer for. */
const brokenSource: UploadResult = { outcome: 'unknown', detail: 'connection-lost' }

/** Bytes of ours of a known number; remembers whether they failed to come. */
class Source {
  broke = false
  readonly #bytes: AsyncIterable<Uint8Array>
  readonly #size: number

  constructor(bytes: AsyncIterable<Uint8Array>, size: number) {
    this.#bytes = bytes
    this.#size = size
  }

  async *bytes(): AsyncGenerator<Uint8Array> {
    let left = this.#size
    try {
      for await (const chunk of this.#bytes) {
        left -= chunk.length
        if (left < 0) break
        yield chunk
      }
      if (left !== 0) throw new Error('a file has another size than its row says')
    } catch (error) {
      this.broke = true
      throw error
    }
  }
}

/** Here an invalid request is a file that Meta does not take. */
function outcomeOf(result: PostResult): UploadResult {
  const end = endOf(result, (json) => {
    const taken = uploaded.safeParse(json).data
    return taken && { outcome: 'uploaded' as const, providerMediaId: taken.id }
  })
  return end.outcome === 'rejected' ? { ...end, reason: 'media-failed' } : end
}
