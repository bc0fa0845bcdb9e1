import { S3Client } from '@aws-sdk/client-s3'
import { SESClient } from '@aws-sdk/client-ses'
import type * as z from 'zod'
import { makeMailSender } from '#shared/adapters/email/mail-sender.ts'
import { makeSesProvider } from '#shared/adapters/email/ses-provider.ts'
import { makeS3MediaObjects } from '#shared/adapters/storage/s3-media-objects.ts'
import { makeGraphMedia } from '#shared/adapters/whatsapp/media.ts'
import type { CloudApiOptions } from '#shared/adapters/whatsapp/messages-call.ts'
import type { Durations } from '#shared/domain/durations.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'
import type { messageSendEnv } from './env.ts'

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

/** Mails through SES; the SDK must not repeat a send on its own (facts: SES §0.4). */
export function wireMailSender(
  env: Pick<
    z.output<typeof messageSendEnv>,
    'MEDIA_BUCKET' | 'MAIL_REGION' | 'MAIL_CONFIGURATION_SET'
  >,
  waits: Durations,
) {
  const timeoutMs = waits.providerTimeoutSeconds * 500
  const client = new SESClient({
    region: env.MAIL_REGION,
    maxAttempts: 1,
    // Well before the deadline: who never connected sent nothing, and may try again at once.
    requestHandler: { connectionTimeout: timeoutMs / 3 },
  })
  return makeMailSender({
    provider: makeSesProvider({ client, timeoutMs }),
    objects: wireObjects(env),
    region: env.MAIL_REGION,
    configurationSet: env.MAIL_CONFIGURATION_SET,
    filesTimeoutMs: timeoutMs,
  })
}
