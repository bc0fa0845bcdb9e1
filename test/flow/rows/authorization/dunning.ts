import type { dunningOperations } from '#shared/contracts/operations/dunning.ts'
import { defaultPolicy } from '#shared/domain/dunning/policy.ts'
import type { Side } from '#test/support/api-side.ts'
import type { Row } from './row.ts'

const today = '2026-11-25'

export const dunningRows: Readonly<Record<keyof typeof dunningOperations, Row>> = {
  getDunningPolicy: { answers: 200, request: async () => ({}) },
  putDunningPolicy: {
    answers: 200,
    // Its own policy has another version.
    stranger: { status: 412, code: 'version-mismatch' },
    request: async (side) => {
      const { headers } = await side.ask('GET /dunning-policy')
      return { body: defaultPolicy, headers: { 'if-match': headers.get('etag') ?? '' } }
    },
  },
  dryRunDunning: {
    answers: 200,
    request: async () => ({ body: { day: today } }),
    ids: {
      cursor: {
        of: async (side) => {
          await side.installment(today)
          await side.installment(today)
          const { json } = await side.ask('POST /dunning-runs/dry', {
            body: { day: today, limit: 1 },
          })
          return String(json?.nextCursor)
        },
        put: (wanted, cursor) => ({ ...wanted, body: { day: today, limit: 1, cursor } }),
        foreign: { status: 422, code: 'invalid-cursor' },
        nobodys: () => 'bm9ib2R5',
      },
    },
  },
  listInstallmentSteps: {
    answers: 200,
    request: async (side: Side) => ({ params: { installmentId: await side.installment(today) } }),
  },
}
