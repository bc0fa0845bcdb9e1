import { S3Client } from '@aws-sdk/client-s3'
import type * as z from 'zod'
import { makeMailStore } from '#shared/adapters/database/mail-store.ts'
import { readInboundMail } from '#shared/adapters/email/inbound-mail.ts'
import { noticesOfTopic } from '#shared/adapters/email/topic-notices.ts'
import { makeTransitSealer } from '#shared/adapters/keys/transit-sealer.ts'
import { makeS3RawMails } from '#shared/adapters/storage/s3-raw-mails.ts'
import { mailTopics } from '#shared/contracts/mail-topics.ts'
import { alerts } from '#shared/runtime/alerts.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'
import { makeReceiveMail } from '#shared/use-cases/receive-mail.ts'
import type { inboundMailEnv } from './env.ts'
import { wireStores, wireTaskQueue } from './wire.ts'
import { wireObjects } from './wire-files.ts'
import { wireEventSignal } from './wire-signal.ts'

/** Wiring of mails that come in, beside `wire.ts`. */
export function wireReceiveMail(env: z.output<typeof inboundMailEnv>) {
  const parts = wireStores(env)
  const transit = makeTransitSealer(parts.dataKeys, systemClock)
  return makeReceiveMail({
    readNotices: noticesOfTopic(mailTopics.INBOUND_MAIL),
    readMail: readInboundMail,
    rawMails: makeS3RawMails(new S3Client({ forcePathStyle: true }), env.INBOUND_MAIL_BUCKET),
    objects: wireObjects(env),
    directory: parts.directory,
    mails: makeMailStore({ ...parts, transit }),
    queue: wireTaskQueue(env),
    signal: wireEventSignal(env, parts.directory),
    randomness: systemRandomness,
    alerts,
  })
}
