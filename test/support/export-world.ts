import { GetObjectCommand } from '@aws-sdk/client-s3'
import type { DataApi } from '#shared/adapters/database/data-api.ts'
import { makeExportStore } from '#shared/adapters/database/export-store.ts'
import { makeJobStore } from '#shared/adapters/database/job-store.ts'
import { makePrivacyStore } from '#shared/adapters/database/privacy-store.ts'
import { makeS3ExportObjects } from '#shared/adapters/storage/s3-export-objects.ts'
import { makeS3MediaObjects } from '#shared/adapters/storage/s3-media-objects.ts'
import { exportFiles } from '#shared/domain/privacy.ts'
import type { ExportObjects, ExportStore } from '#shared/ports/exports.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'
import { makeExportPerson } from '#shared/use-cases/export-person.ts'
import { makeKeepPrivacy } from '#shared/use-cases/keep-privacy.ts'
import { makeRunJobs } from '#shared/use-cases/run-jobs.ts'
import { type ErasureWorld, filesBucket, openErasureWorld } from './erasure-world.ts'
import { fresh, type WorldTenant } from './stores-world.ts'

/** Parts of an export that a test may wrap. */
interface Wrapping {
  readonly database?: (database: DataApi) => DataApi
  readonly store?: (store: ExportStore) => ExportStore
  readonly objects?: (objects: ExportObjects) => ExportObjects
}

interface Made {
  readonly claimed: number
  readonly done: number
  /** What broke off, to be tried again. */
  readonly broken: readonly unknown[]
}

// biome-ignore lint/suspicious/noExplicitAny: what a reader of the document sees
type Document = Record<string, any>

/** A world in which persons ask for copies of what is kept of them, and get them. */
export interface ExportWorld extends ErasureWorld {
  readonly privacy: ReturnType<typeof makeKeepPrivacy>
  askCopy(tenant: WorldTenant, personId: string): Promise<string>
  /** Runs what is planned for the tenant, as its processor does. */
  makeCopies(tenantId: string, wrapping?: Wrapping): Promise<Made>
  read(tenantId: string, requestId: string, kind: keyof typeof exportFiles): Promise<string>
  /** Asks, makes and reads. Throws what broke off. */
  copyOf(tenant: WorldTenant, personId: string): Promise<{ document: Document; table: string }>
}

export async function openExportWorld(): Promise<ExportWorld> {
  const world = await openErasureWorld()
  const { dataApi: database, sealer, s3 } = world
  const privacy = makeKeepPrivacy({
    privacy: makePrivacyStore({ database, sealer }),
    queue: { wake: async () => ({ failed: 0 }) },
    objects: makeS3MediaObjects({ client: s3, bucket: filesBucket, clock: systemClock }),
  })
  const askCopy = async (tenant: WorldTenant, personId: string) => {
    const { requestId } = await privacy.ask({
      ...{ ...tenant, personId, kind: 'EXPORT' },
      request: { route: 'POST /x', key: fresh('key'), body: '{}' },
    })
    return requestId
  }
  const read: ExportWorld['read'] = async (tenantId, requestId, kind) => {
    const Key = `exports/${tenantId}/${requestId}/${exportFiles[kind]}`
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: filesBucket, Key }))
    return (await Body?.transformToString()) ?? ''
  }
  return {
    ...{ ...world, privacy, askCopy, read },
    makeCopies: (tenantId, wrapping = {}) => makeCopies(world, tenantId, wrapping),
    copyOf: async (tenant, personId) => {
      const requestId = await askCopy(tenant, personId)
      const { broken } = await makeCopies(world, tenant.tenantId, {})
      if (broken.length > 0) throw broken[0]
      return {
        document: JSON.parse(await read(tenant.tenantId, requestId, 'json')) as Document,
        table: await read(tenant.tenantId, requestId, 'csv'),
      }
    },
  }
}

async function makeCopies(
  { dataApi, sealer, s3, waits, owner }: ErasureWorld,
  tenantId: string,
  { database = (same) => same, store = (same) => same, objects = (same) => same }: Wrapping,
): Promise<Made> {
  const { rows } = await owner.query(
    `update tasks set due_at = now() where tenant_id = $1 and type = 'PERSON_EXPORT'
       and state = 'PENDING' returning task_id::text as task_id`,
    [tenantId],
  )
  const work = makeExportPerson({
    exports: store(makeExportStore({ database: database(dataApi), sealer })),
    objects: objects(makeS3ExportObjects(s3, filesBucket)),
  })
  const broken: unknown[] = []
  const run = makeRunJobs({
    type: 'PERSON_EXPORT',
    jobs: makeJobStore(dataApi, waits),
    queue: { wake: async () => ({ failed: 0 }) },
    randomness: systemRandomness,
    work: (job) =>
      work(job).catch((error: unknown) => {
        broken.push(error)
        throw error
      }),
  })
  const ran = await run(rows.map(({ task_id }) => ({ tenantId, taskId: String(task_id) })))
  return { ...ran, broken }
}
