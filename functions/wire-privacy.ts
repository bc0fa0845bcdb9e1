import { S3Client } from '@aws-sdk/client-s3'
import type * as z from 'zod'
import { makeErasureStore } from '#shared/adapters/database/erasure-store.ts'
import { makeExportStore } from '#shared/adapters/database/export-store.ts'
import { makeJobStore } from '#shared/adapters/database/job-store.ts'
import { makePrivacyStore } from '#shared/adapters/database/privacy-store.ts'
import { makeS3ErasableObjects, makeS3ErasureLedger } from '#shared/adapters/storage/s3-erasures.ts'
import { makeS3ExportObjects } from '#shared/adapters/storage/s3-export-objects.ts'
import { durations } from '#shared/domain/durations.ts'
import { systemRandomness as randomness } from '#shared/runtime/system.ts'
import { makeErasePerson } from '#shared/use-cases/erase-person.ts'
import { makeExportPerson } from '#shared/use-cases/export-person.ts'
import { makeKeepPrivacy } from '#shared/use-cases/keep-privacy.ts'
import { makeRunJobs } from '#shared/use-cases/run-jobs.ts'
import { noBucket, type personErasureEnv, type personExportEnv, type privacyEnv } from './env.ts'
import { findClientIn, wireDatabase, wireStores, wireTaskQueue } from './wire.ts'
import { wireObjects } from './wire-files.ts'

/** Wiring of what persons may ask for, beside `wire.ts`. */
export function wirePrivacy(env: z.output<typeof privacyEnv>) {
  const parts = wireStores(env)
  return {
    findClient: findClientIn(parts.directory),
    privacy: makeKeepPrivacy({
      privacy: makePrivacyStore(parts),
      queue: wireTaskQueue(env),
      objects: wireObjects(env),
    }),
  }
}

export function wireExportPerson(env: z.output<typeof personExportEnv>) {
  const parts = wireStores(env)
  return makeRunJobs({
    type: 'PERSON_EXPORT',
    jobs: makeJobStore(parts.database, { leaseSeconds: parts.waits.privacyLeaseSeconds }),
    queue: wireTaskQueue(env),
    randomness,
    work: makeExportPerson({
      exports: makeExportStore(parts),
      objects: makeS3ExportObjects(new S3Client({ forcePathStyle: true }), env.MEDIA_BUCKET),
    }),
  })
}

export function wireErasePerson(env: z.output<typeof personErasureEnv>) {
  const database = wireDatabase(env)
  const { privacyLeaseSeconds: leaseSeconds } = durations(env.TIME_SCALE)
  return makeRunJobs({
    type: 'PERSON_ERASURE',
    jobs: makeJobStore(database, { leaseSeconds }),
    queue: wireTaskQueue(env),
    randomness,
    work: makeErasePerson({
      erasures: makeErasureStore(database, {
        backupDays: env.BACKUP_DAYS,
        rawMailDays: env.RAW_MAIL_DAYS,
        queueDays: env.QUEUE_DAYS,
      }),
      ledger: makeS3ErasureLedger(new S3Client({ forcePathStyle: true }), env.LEDGER_BUCKET),
      objects: erasable(env.MEDIA_BUCKET),
      rawMails: wireRawMails(env.INBOUND_MAIL_BUCKET),
    }),
  })
}

function wireRawMails(bucket: string) {
  return bucket === noBucket ? undefined : erasable(bucket)
}

function erasable(bucket: string) {
  return makeS3ErasableObjects(new S3Client({ forcePathStyle: true }), bucket)
}
