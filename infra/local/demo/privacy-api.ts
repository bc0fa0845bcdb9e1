import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import type { ApiCall } from './recado-api.ts'

const download = z.looseObject({ url: z.string() })
const request = z.looseObject({
  requestId: z.string(),
  state: z.string(),
  reason: z.string().nullable(),
  receipt: z.looseObject({
    counts: z.record(z.string(), z.number()).optional(),
    backupsExpireOn: z.string().optional(),
  }),
  downloads: z.looseObject({ json: download, csv: download }).optional(),
})
const problem = z.looseObject({ code: z.string() })
const entry = z.looseObject({
  actorKind: z.string(),
  actor: z.string(),
  action: z.string(),
  outcome: z.string(),
})
const page = z.looseObject({ items: z.array(entry) })

export type PrivacyRequest = z.output<typeof request>
export type AuditEntry = z.output<typeof entry>

/** What a company does for a person who asks for what the law gives. */
export function makePrivacyApi(call: ApiCall) {
  return {
    ask: async (limit: AbortSignal, personId: string, what: 'exports' | 'erasure') => {
      const path = `/persons/${personId}/${what}`
      const asked = { method: 'POST', path, key: randomUUID(), statuses: [202] } as const
      return (await call(limit, asked, request)).json
    },
    request: async (limit: AbortSignal, requestId: string) =>
      (await call(limit, { path: `/privacy-requests/${requestId}`, statuses: [200] }, request))
        .json,
    missingPerson: async (limit: AbortSignal, personId: string) =>
      (await call(limit, { path: `/persons/${personId}`, statuses: [404] }, problem)).json,
    /** Newest first. */
    audit: async (limit: AbortSignal, personId: string): Promise<readonly AuditEntry[]> => {
      const path = `/audit?personId=${personId}&limit=100`
      return (await call(limit, { path, statuses: [200] }, page)).json.items
    },
    /** What a signed address leads to. */
    download: async (limit: AbortSignal, url: string) => {
      const response = await fetch(url, { signal: limit })
      return { status: response.status, text: await response.text() }
    },
  }
}

export type PrivacyApi = ReturnType<typeof makePrivacyApi>
