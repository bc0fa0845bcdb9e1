import type { Caller } from '../domain/caller.ts'
import { Refusal } from '../domain/errors.ts'
import { exportFiles, type PrivacyRequest } from '../domain/privacy.ts'
import type { MediaObjects, SignedRequest } from '../ports/media-objects.ts'
import type {
  AddConsent,
  AskPrivacy,
  PrivacyPage,
  PrivacyStore,
  Refused,
} from '../ports/privacy-store.ts'
import type { TaskQueue } from '../ports/task-queue.ts'

interface Parts {
  readonly privacy: PrivacyStore
  readonly queue: TaskQueue
  readonly objects: Pick<MediaObjects, 'signDownload'>
}

interface ReadRequest {
  readonly asked: PrivacyRequest
  /** Of an export that can be fetched. */
  readonly downloads: Readonly<Record<keyof typeof exportFiles, SignedRequest>> | undefined
}

const downloadSeconds = 900

/** What persons ask for; those of other tenants are simply not found. */
export function makeKeepPrivacy({ privacy, queue, objects }: Parts) {
  return {
    /** Throws Refusal `person-not-found`, `person-merged`, `legal-hold`. */
    ask: async (command: AskPrivacy): Promise<PrivacyRequest> => {
      const { asked, wake } = granted(await privacy.ask(command))
      if (wake !== undefined) await queue.wake([wake])
      return asked
    },
    /** Throws Refusal `privacy-request-not-found`. */
    get: async (caller: Caller, requestId: string): Promise<ReadRequest> => {
      const asked = await privacy.get(caller, requestId)
      if (asked === undefined) throw new Refusal('privacy-request-not-found')
      const { objectKey } = asked
      const downloads =
        objectKey === undefined ? undefined : await signed(objects, { ...asked, objectKey })
      return { asked, downloads }
    },
    list: privacy.list,
    hold: async (command: Parameters<PrivacyStore['hold']>[0]) =>
      granted(await privacy.hold(command)).held,
    addConsent: async (command: AddConsent) => granted(await privacy.addConsent(command)).consent,
    /** Throws Refusal `person-not-found`. */
    consents: async (caller: Caller, personId: string, page: Omit<PrivacyPage, 'personId'>) => {
      const found = await privacy.consents(caller, personId, page)
      if (found === undefined) throw new Refusal('person-not-found')
      return found
    },
  }
}

function granted<T extends { readonly outcome: string }>(answer: T | Refused): T {
  if (isRefused(answer)) throw new Refusal(answer.code, answer.retryAfterSeconds)
  return answer
}

function isRefused(answer: { readonly outcome: string }): answer is Refused {
  return answer.outcome === 'refused'
}

async function signed(
  objects: Parts['objects'],
  { requestId, objectKey }: { readonly requestId: string; readonly objectKey: string },
) {
  const sign = (file: string, contentType: string) =>
    objects.signDownload({
      key: `${objectKey}/${file}`,
      contentType,
      contentDisposition: `attachment; filename="${requestId}-${file}"`,
      expiresInSeconds: downloadSeconds,
    })
  const [json, csv] = await Promise.all([
    sign(exportFiles.json, 'application/json'),
    sign(exportFiles.csv, 'text/csv; charset=utf-8'),
  ])
  return { json, csv }
}
