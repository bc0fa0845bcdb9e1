import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import type { BusinessEvent } from './billing-cast.ts'
import type { ApiCall } from './recado-api.ts'

const pageOf = <S extends z.ZodType>(item: S) =>
  z.looseObject({ items: z.array(item), nextCursor: z.string().nullable() })
const copy = z.looseObject({ name: z.string(), language: z.string(), status: z.string() })
const version = z.looseObject({ version: z.number() })
const received = z.looseObject({ accepted: z.number() })
/** Without an outcome: it was not applied yet. */
const told = z.looseObject({ outcome: z.string().optional(), notice: z.string().nullish() })
const movement = z.looseObject({ personId: z.string(), description: z.string() })
const installment = z.looseObject({ status: z.string(), paidAt: z.string().nullable() })
const checks = z.array(
  z.looseObject({ check: z.string(), found: z.union([z.string(), z.number()]) }),
)
const dryStep = z.looseObject({
  installmentId: z.string(),
  step: z.string(),
  outcome: z.string(),
  reason: z.string().nullable(),
  channel: z.string().nullable(),
  sendAt: z.string().nullable(),
})
const debtMessage = z.looseObject({
  messageId: z.string(),
  channel: z.string(),
  status: z.string(),
  reason: z.string().nullable(),
  decision: z.looseObject({ step: z.string(), checks }),
})

export type DryStep = z.output<typeof dryStep>
export type DebtMessage = z.output<typeof debtMessage>

interface PutTemplate {
  readonly name: string
  readonly channel: string
  readonly source: object
}

/** What a finance system's program asks about what is to be paid. */
export function makeBillingApi(call: ApiCall) {
  const get = <S extends z.ZodType>(limit: AbortSignal, path: string, shape: S) =>
    call(limit, { path, statuses: [200] }, shape)

  return {
    approvedCopies: async (limit: AbortSignal, name: string) =>
      (await get(limit, `/provider-templates?name=${name}`, pageOf(copy))).json.items,
    putTemplate: (limit: AbortSignal, { name, channel, source }: PutTemplate) =>
      call(
        limit,
        {
          method: 'PUT',
          path: `/templates/${name}/${channel}/pt-BR`,
          body: { source },
          statuses: [200, 201],
        },
        version,
      ),
    /** Replaces the version that stands. */
    putPolicy: async (limit: AbortSignal, policy: object) => {
      const path = '/dunning-policy'
      const { headers } = await get(limit, path, version)
      const ifMatch = headers.get('etag') ?? ''
      return call(limit, { method: 'PUT', path, body: policy, ifMatch, statuses: [200] }, version)
    },
    tell: (limit: AbortSignal, events: readonly BusinessEvent[]) =>
      call(
        limit,
        { path: '/business-events', body: { events }, key: randomUUID(), statuses: [202] },
        received,
      ),
    event: async (limit: AbortSignal, eventId: string) =>
      (await call(limit, { path: `/business-events/${eventId}`, statuses: [200, 404] }, told)).json,
    /** All pages of it. */
    dryRun: async (limit: AbortSignal, run: { readonly day: string; readonly policy: object }) => {
      const steps: DryStep[] = []
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const body = { ...run, limit: 100, cursor }
        const request = { path: '/dunning-runs/dry', body, statuses: [200] }
        const { json } = await call(limit, request, pageOf(dryStep))
        steps.push(...json.items)
        cursor = json.nextCursor
      }
      return steps
    },
    movement: async (limit: AbortSignal, id: string) =>
      (await get(limit, `/movements/${id}`, movement)).json,
    installment: async (limit: AbortSignal, id: string) =>
      (await get(limit, `/installments/${id}`, installment)).json,
    /** Oldest first. */
    messagesAbout: async (limit: AbortSignal, id: string): Promise<readonly DebtMessage[]> => {
      const path = `/installments/${id}/messages`
      return (await get(limit, path, pageOf(debtMessage))).json.items.toReversed()
    },
  }
}

export type BillingApi = ReturnType<typeof makeBillingApi>
