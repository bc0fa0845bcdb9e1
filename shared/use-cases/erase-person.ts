import { exportFiles } from '../domain/privacy.ts'
import type {
  ErasableObject,
  ErasableObjects,
  ErasureLedger,
  ErasureName,
  ErasureStore,
} from '../ports/erasures.ts'
import type { Job, JobResult } from '../ports/job-store.ts'

interface Parts {
  readonly erasures: ErasureStore
  readonly ledger: ErasureLedger
  readonly objects: ErasableObjects
  /** Undefined: the deployment takes no mail in, and there is no such bucket. */
  readonly rawMails: ErasableObjects | undefined
}

/** Steps of one run: the rest is for the next one, so that no run outlives its lease. */
const stepsARun = 40

/**
 * One run of an erasure: the ledger first, then step after step. Whatever it dies at, the next run
 * goes on; two at once do no harm.
 */
export function makeErasePerson(parts: Parts) {
  const { erasures, ledger } = parts
  return async (job: Job): Promise<JobResult> => {
    const name: ErasureName = { tenantId: job.tenantId, requestId: String(job.payload.requestId) }
    const found = await erasures.find(name)
    if (found === undefined) return { outcome: 'DONE' }
    if (!found.isHeld) await Promise.all(found.entries.map((entry) => ledger.put(entry)))
    let deleted: readonly ErasableObject[] = []
    for (let steps = 0; steps < stepsARun; steps += 1) {
      const step = await erasures.step(name, deleted)
      if (step.outcome === 'waiting') {
        return { outcome: 'RETRY', reason: 'sends-under-way', retryInSeconds: step.waitSeconds }
      }
      if (step.outcome !== 'more') return { outcome: 'DONE' }
      deleted = await takeAway(parts, step.objects)
    }
    return { outcome: 'RETRY', reason: 'more-left', retryInSeconds: 0 }
  }
}

/** Answers what is done, as the next step is told. */
async function takeAway(
  { objects, rawMails }: Pick<Parts, 'objects' | 'rawMails'>,
  named: readonly ErasableObject[],
): Promise<readonly ErasableObject[]> {
  await objects.delete(named.flatMap(keysOf))
  if (rawMails === undefined) return named.map(asLeft)
  await rawMails.delete(named.flatMap(rawMailOf))
  return named
}

/** In the bucket of files; an export is a folder of two objects. */
function keysOf(object: ErasableObject): readonly string[] {
  if ('rawMailId' in object) return []
  return 'exportId' in object
    ? Object.values(exportFiles).map((file) => `${object.key}/${file}`)
    : [object.key]
}

function rawMailOf(object: ErasableObject): readonly string[] {
  return 'rawMailId' in object ? [object.key] : []
}

/** No receipt says that a raw mail went which nobody took away. */
function asLeft(object: ErasableObject): ErasableObject {
  return 'rawMailId' in object ? { ...object, isLeft: true } : object
}

/** Plans every erasure of the ledger again, after a restore. Answers how many of each kind. */
export function makeReplayErasures({ erasures, ledger }: Pick<Parts, 'erasures' | 'ledger'>) {
  return async () => {
    const counts = { planned: 0, ended: 0, held: 0, unknown: 0 }
    for await (const entry of ledger.all()) counts[await erasures.replay(entry)] += 1
    return counts
  }
}
