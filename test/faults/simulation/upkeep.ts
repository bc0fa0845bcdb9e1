import type { CleanupStore } from '#shared/ports/cleanup-store.ts'
import type { ErasureLedger, ErasureStore } from '#shared/ports/erasures.ts'
import type { ExportObjects, ExportStore } from '#shared/ports/exports.ts'
import type { Job, JobResult, JobStore } from '#shared/ports/job-store.ts'
import type { AskPrivacy, PrivacyStore } from '#shared/ports/privacy-store.ts'
import type { Randomness } from '#shared/ports/randomness.ts'
import type { TaskQueue } from '#shared/ports/task-queue.ts'
import { makeCleanTenant, makePlanCleanups } from '#shared/use-cases/clean-tenants.ts'
import { makeErasePerson } from '#shared/use-cases/erase-person.ts'
import { makeExportPerson } from '#shared/use-cases/export-person.ts'
import { makeKeepPrivacy } from '#shared/use-cases/keep-privacy.ts'
import { makeRunJobs } from '#shared/use-cases/run-jobs.ts'
import type { Process } from './process.ts'

/** What takes away what persons asked to have erased, and what is over. */
export interface UpkeepParts {
  readonly privacy: PrivacyStore
  readonly jobs: JobStore
  readonly erasures: ErasureStore
  readonly exports: ExportStore
  readonly cleanups: CleanupStore
  readonly bucket: Bucket
}

/** Where files and the ledger of erasures lie. */
export interface Bucket {
  readonly keys: Set<string>
  /** Requests in the ledger outside the database. */
  readonly ledger: Set<string>
}

export type UpkeepQueueName = 'PERSON_ERASURE' | 'PERSON_EXPORT' | 'CHAT_CLEANUP'

interface Around {
  readonly queueOf: (process: Process) => TaskQueue
  readonly randomness: Randomness
}

const inStore = { kind: 'store' } as const

/** The real use cases; every call of a port may be the last of its process. */
export function makeUpkeep(parts: UpkeepParts, { queueOf, randomness }: Around) {
  const works: Readonly<
    Record<UpkeepQueueName, (process: Process) => (job: Job) => Promise<JobResult>>
  > = {
    PERSON_ERASURE: (process) =>
      makeErasePerson({
        erasures: erasuresOf(process, parts),
        ledger: ledgerOf(process, parts),
        objects: objectsOf(process, parts),
        rawMails: undefined,
      }),
    PERSON_EXPORT: (process) =>
      makeExportPerson({
        exports: exportsOf(process, parts),
        objects: objectsOf(process, parts),
      }),
    CHAT_CLEANUP: (process) =>
      makeCleanTenant({
        cleanups: {
          clean: (job, removed) =>
            process.call('clean', () => parts.cleanups.clean(job, removed), inStore),
        },
        files: objectsOf(process, parts),
        report: () => undefined,
      }),
  }
  return {
    run: (type: UpkeepQueueName) => (process: Process) =>
      makeRunJobs({
        type,
        jobs: jobsOf(process, parts),
        queue: queueOf(process),
        randomness,
        work: works[type](process),
      }),
    ask: (process: Process, command: AskPrivacy) =>
      makeKeepPrivacy({
        privacy: {
          ...parts.privacy,
          ask: (wish) => process.call('ask', () => parts.privacy.ask(wish), inStore),
        },
        queue: queueOf(process),
        objects: { signDownload: () => Promise.reject(new Error('nobody fetches a copy here')) },
      }).ask(command),
    planCleanups: (process: Process) =>
      makePlanCleanups(
        {
          plan: () => process.call('plan', () => parts.cleanups.plan(), inStore),
          forgetKeys: () => process.call('forget', () => parts.cleanups.forgetKeys(), inStore),
        },
        queueOf(process),
      )(),
  }
}

export type Upkeep = ReturnType<typeof makeUpkeep>

function jobsOf(process: Process, { jobs }: UpkeepParts): JobStore {
  return {
    claim: (request) => process.call('claim-job', () => jobs.claim(request), inStore),
    settle: (results) => process.call('settle-job', () => jobs.settle(results), inStore),
  }
}

function erasuresOf(process: Process, { erasures }: UpkeepParts): ErasureStore {
  return {
    find: (name) => process.call('find', () => erasures.find(name), inStore),
    step: (name, deleted) => process.call('erase', () => erasures.step(name, deleted), inStore),
    replay: erasures.replay,
  }
}

function ledgerOf(process: Process, { bucket }: UpkeepParts): Pick<ErasureLedger, 'put' | 'all'> {
  return {
    put: ({ requestId }) =>
      process.call('ledger', async () => {
        bucket.ledger.add(requestId)
      }),
    all: () => {
      throw new Error('nobody replays the ledger here')
    },
  }
}

function exportsOf(process: Process, { exports }: UpkeepParts): ExportStore {
  return {
    begin: (name) => process.call('begin', () => exports.begin(name), inStore),
    finish: (name, counts) => process.call('finish', () => exports.finish(name, counts), inStore),
    refuse: (name) => process.call('refuse', () => exports.refuse(name), inStore),
    async *rows(...[tenantId, personId, part]) {
      const read = () => Array.fromAsync(exports.rows(tenantId, personId, part))
      yield* await process.call(`read ${part}`, read, inStore)
    },
    async *messages(tenantId, chatId) {
      const read = () => Array.fromAsync(exports.messages(tenantId, chatId))
      yield* await process.call('read messages', read, inStore)
    },
  }
}

function objectsOf(process: Process, { bucket }: UpkeepParts): ExportObjects {
  return {
    open: ({ key }) => ({
      write: async () => undefined,
      close: () =>
        process.call('write', async () => {
          bucket.keys.add(key)
        }),
      abandon: async () => undefined,
    }),
    delete: (keys) =>
      process.call('delete', async () => {
        for (const key of keys) bucket.keys.delete(key)
      }),
  }
}
