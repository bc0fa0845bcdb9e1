import { safeContentType } from '../domain/download.ts'
import type { Durations } from '../domain/durations.ts'
import { trueType } from '../domain/file-type.ts'
import { headBytes } from '../domain/media.ts'
import type { Alerts } from '../ports/alerts.ts'
import type { MediaObjects } from '../ports/media-objects.ts'
import type { InboundFile, KeptFile, MediaJob, MediaJobResult } from '../ports/media-store.ts'
import { type FileStop, FileStopped, type ProviderMedia } from '../ports/provider-media.ts'
import type { Randomness } from '../ports/randomness.ts'

export interface FetchMediaParts {
  readonly provider: ProviderMedia
  readonly objects: MediaObjects
  readonly randomness: Randomness
  readonly waits: Durations
  readonly alerts: Alerts
}

/** Other bytes than announced may have been a fault on the way; after so many tries they are not. */
const mostMismatches = 10

const failed: MediaJobResult = { outcome: 'DEAD', reason: 'media-failed' }

/**
 * Fetches one inbound file into the bucket. What passes is tried again, with the file's address
 * asked for anew, until the provider forgets the file; then it is FAILED, visibly.
 */
export function makeFetchMedia(parts: FetchMediaParts) {
  return async (job: MediaJob): Promise<MediaJobResult> => {
    const { file } = job
    if (file === 'nothing-left') return { outcome: 'DONE' }
    if (file === 'unreadable' || file.expiresInSeconds <= 0) return failed
    try {
      return { outcome: 'DONE', kept: await keep(parts, file) }
    } catch (error) {
      return afterStop(parts, { ...job, file }, stopOf(error))
    }
  }
}

/** What is not the provider's doing is ours, e.g. the bucket: it passes. */
function stopOf(error: unknown): FileStop {
  return error instanceof FileStopped ? error.stop : 'unavailable'
}

/** Streams the file; the first bytes tell what it is before anything is written. */
async function keep(
  { provider, objects }: FetchMediaParts,
  { objectKey, mimeType: declared, providerMediaId, sender }: InboundFile,
): Promise<KeptFile> {
  const { sizeBytes, sha256, body } = await provider.fetch({ sender, providerMediaId })
  const bytes = body[Symbol.asyncIterator]()
  try {
    const begun = await readHead(bytes)
    const mimeType = trueType(begun.head, declared)
    await objects.write({
      key: objectKey,
      contentType: safeContentType(mimeType),
      sizeBytes,
      body: joined(begun.chunks, bytes),
    })
    return { mimeType, sizeBytes, sha256 }
  } finally {
    await bytes.return?.()
  }
}

async function readHead(bytes: AsyncIterator<Uint8Array>) {
  const chunks: Uint8Array[] = []
  let size = 0
  while (size < headBytes) {
    const next = await bytes.next()
    if (next.done) break
    chunks.push(next.value)
    size += next.value.length
  }
  const head = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    head.set(chunk, offset)
    offset += chunk.length
  }
  return { chunks, head: head.subarray(0, headBytes) }
}

async function* joined(
  begun: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* begun
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
}

function afterStop(
  parts: FetchMediaParts,
  job: MediaJob & { readonly file: InboundFile },
  stop: FileStop,
): MediaJobResult {
  if (stop === 'gone' || stop === 'too-large') return failed
  if (stop === 'mismatch' && job.attempts >= mostMismatches) return failed
  if (stop === 'token-refused' || stop === 'address-refused') {
    const { tenantId, taskId } = job
    parts.alerts.raise('MediaFetchBlocked', { tenantId, taskId, reason: stop })
  }
  const retryInSeconds = waitSeconds(parts, job.attempts)
  // Once the provider has forgotten it, the next claim ends it.
  const left = job.file.expiresInSeconds
  return { outcome: 'RETRY', reason: stop, retryInSeconds: Math.min(retryInSeconds, left) }
}

/** Doubled each time, half of it by chance, so that many files do not come back at once. */
function waitSeconds({ waits, randomness }: FetchMediaParts, attempts: number): number {
  const doubled = waits.mediaBackoffBaseSeconds * 2 ** Math.min(attempts - 1, 20)
  return Math.min(waits.mediaBackoffCapSeconds, doubled) * (0.5 + randomness.fraction() / 2)
}
