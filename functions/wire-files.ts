import { S3Client } from '@aws-sdk/client-s3'
import { makeS3MediaObjects } from '#shared/adapters/storage/s3-media-objects.ts'
import { makeGraphMedia } from '#shared/adapters/whatsapp/media.ts'
import type { CloudApiOptions } from '#shared/adapters/whatsapp/messages-call.ts'
import type { Durations } from '#shared/domain/durations.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'

/** The bucket of files. */
export function wireObjects(env: { readonly MEDIA_BUCKET: string }) {
  const client = new S3Client({ forcePathStyle: true, requestChecksumCalculation: 'WHEN_REQUIRED' })
  return makeS3MediaObjects({ client, bucket: env.MEDIA_BUCKET, clock: systemClock })
}

/** Files from and to Meta. */
export function wireProviderMedia({ timeoutMs, ...graph }: CloudApiOptions, waits: Durations) {
  return makeGraphMedia({
    ...graph,
    resolveTimeoutMs: timeoutMs,
    fetchTimeoutMs: waits.mediaFetchSeconds * 1000,
    randomness: systemRandomness,
  })
}
