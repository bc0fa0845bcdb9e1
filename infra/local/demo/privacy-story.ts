import { carla } from './billing-cast.ts'
import type { AuditEntry, PrivacyApi, PrivacyRequest } from './privacy-api.ts'
import { coldLimitSeconds, type Timeline, until } from './timeline.ts'

interface PrivacyStage {
  readonly timeline: Timeline
  readonly privacy: PrivacyApi
}

/** A person asks for a copy, and then to be erased; the audit says who saw what. */
export async function playPrivacy(stage: PrivacyStage, personId: string): Promise<void> {
  stage.timeline.chapter('What a person may ask for')
  const copy = await exported(stage, personId)
  await erased(stage, personId)
  await isForgotten(stage, { personId, copy })
  await audited(stage, personId)
}

/** Answers the address of the copy. */
function exported({ timeline, privacy }: PrivacyStage, personId: string): Promise<string> {
  return timeline.play({
    title: `${carla.name} asks for a copy`,
    limitSeconds: coldLimitSeconds,
    work: async (limit) => {
      const asked = await privacy.ask(limit, personId, 'exports')
      const { downloads } = await done({ privacy, limit }, asked)
      if (downloads === undefined) throw new Error('it is done without anything to download')
      const { json, csv } = downloads
      const [document, table] = await Promise.all([
        privacy.download(limit, json.url),
        privacy.download(limit, csv.url),
      ])
      const isHers = document.text.includes(carla.phone) && document.text.includes(carla.mail)
      if (!isHers || table.status !== 200) throw new Error('the copy is not whole')
      const result = `request ${asked.requestId}, JSON of ${sizeOf(document)}, CSV of ${sizeOf(table)}`
      return { value: json.url, result }
    },
  })
}

function sizeOf({ text }: { readonly text: string }): string {
  return `${Buffer.byteLength(text)} bytes`
}

function erased({ timeline, privacy }: PrivacyStage, personId: string): Promise<void> {
  return timeline.play({
    title: 'She asks to be erased',
    limitSeconds: coldLimitSeconds,
    work: async (limit) => {
      const asked = await privacy.ask(limit, personId, 'erasure')
      const { receipt } = await done({ privacy, limit }, asked)
      const counts = Object.entries(receipt.counts ?? {}).filter(([, count]) => count > 0)
      const result = `request ${asked.requestId}, out of the backups by ${receipt.backupsExpireOn}`
      return {
        value: undefined,
        result,
        details: [counts.map(([what, count]) => `${what} ${count}`).join(', ')],
      }
    },
  })
}

async function done(
  { privacy, limit }: { readonly privacy: PrivacyApi; readonly limit: AbortSignal },
  { requestId }: PrivacyRequest,
): Promise<PrivacyRequest> {
  const look = () => privacy.request(limit, requestId)
  return until(limit, look, {
    // Each look is an entry of the audit that is shown in the end.
    everyMs: 250,
    isEnough: ({ state }) => state === 'DONE',
    say: ({ state, reason }) => `request ${requestId} is ${state} (${reason ?? 'no reason'})`,
  })
}

interface Erased {
  readonly personId: string
  readonly copy: string
}

function isForgotten(
  { timeline, privacy }: PrivacyStage,
  { personId, copy }: Erased,
): Promise<void> {
  return timeline.play({
    title: 'GET the person, and the copy',
    work: async (limit) => {
      const { code } = await privacy.missingPerson(limit, personId)
      const { status } = await privacy.download(limit, copy)
      if (status !== 404) throw new Error(`the copy answers ${status}`)
      return { value: undefined, result: `404 ${code}; 404 for the copy, too` }
    },
  })
}

function audited({ timeline, privacy }: PrivacyStage, personId: string): Promise<void> {
  return timeline.play({
    title: 'GET who saw or changed what',
    work: async (limit) => {
      const entries = (await privacy.audit(limit, personId)).toReversed()
      for (const action of ['getMovement', 'exportPerson', 'erasePerson']) {
        if (!entries.some((entry) => entry.action === action)) throw new Error(`no ${action}`)
      }
      const result = `${entries.length} entries about person ${personId}`
      return { value: undefined, result, details: actionLines(entries) }
    },
  })
}

/** What was done by whom, in the order of its first time. */
function actionLines(entries: readonly AuditEntry[]): readonly string[] {
  const groups = Map.groupBy(
    entries,
    ({ actorKind, actor, action, outcome }) => `${actorKind} ${actor}  ${action}, ${outcome}`,
  )
  return [...groups].map(([line, { length }]) => (length > 1 ? `${line} (${length} times)` : line))
}
