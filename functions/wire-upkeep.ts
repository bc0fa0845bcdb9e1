import { S3Client } from '@aws-sdk/client-s3'
import type * as z from 'zod'
import { makeCleanupStore } from '#shared/adapters/database/cleanup-store.ts'
import { makeJobStore } from '#shared/adapters/database/job-store.ts'
import { makeResealStore } from '#shared/adapters/database/reseal-store.ts'
import { makeS3ErasableObjects } from '#shared/adapters/storage/s3-erasures.ts'
import { durations } from '#shared/domain/durations.ts'
import { alerts } from '#shared/runtime/alerts.ts'
import { log } from '#shared/runtime/log.ts'
import { systemRandomness } from '#shared/runtime/system.ts'
import { makeCleanTenant, makePlanCleanups } from '#shared/use-cases/clean-tenants.ts'
import { makeReseal } from '#shared/use-cases/reseal.ts'
import { makeRunJobs } from '#shared/use-cases/run-jobs.ts'
import type { chatCleanupEnv, planCleanupsEnv, resealEnv } from './env.ts'
import { wireDatabase, wireStores, wireTaskQueue } from './wire.ts'

type Env<S extends z.ZodType> = z.output<S>

/** Wiring of what removes what is over, beside `wire.ts`. */
export function wirePlanCleanups(env: Env<typeof planCleanupsEnv>) {
  const cleanups = makeCleanupStore(wireDatabase(env), durations(env.TIME_SCALE))
  return makePlanCleanups(cleanups, wireTaskQueue(env))
}

export function wireCleanTenants(env: Env<typeof chatCleanupEnv>) {
  const database = wireDatabase(env)
  const waits = durations(env.TIME_SCALE)
  return makeRunJobs({
    type: 'CHAT_CLEANUP',
    jobs: makeJobStore(database, waits),
    queue: wireTaskQueue(env),
    randomness: systemRandomness,
    work: makeCleanTenant({
      cleanups: makeCleanupStore(database, waits),
      files: makeS3ErasableObjects(new S3Client({ forcePathStyle: true }), env.MEDIA_BUCKET),
      report: (tenantId, batch) => log.info('cleaned', { tenantId, ...batch }),
    }),
  })
}

export function wireReseal(env: Env<typeof resealEnv>) {
  const parts = wireStores(env)
  return makeRunJobs({
    type: 'RESEAL',
    jobs: makeJobStore(parts.database, parts.waits),
    queue: wireTaskQueue(env),
    randomness: systemRandomness,
    work: makeReseal({ cells: makeResealStore(parts), waits: parts.waits, alerts }),
  })
}
