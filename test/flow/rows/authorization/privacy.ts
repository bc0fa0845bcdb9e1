import type { privacyOperations } from '#shared/contracts/operations/privacy.ts'
import type { Side } from '#test/support/api-side.ts'
import type { Wanted } from '#test/support/operations.ts'
import { cursorOf, type Row, withBody } from './row.ts'

const person = async (side: Side): Promise<Wanted> => ({
  params: { personId: (await side.chat()).personId },
})
const word = { channel: 'WHATSAPP', purpose: 'billing', action: 'GIVEN', source: 'site' }

const asked = async (side: Side): Promise<string> => {
  const { personId } = await side.chat()
  const { status, json } = await side.ask(`POST /persons/${personId}/exports`)
  if (status !== 202) throw new Error(`the export answered ${status}`)
  return String(json?.requestId)
}

export const privacyRows: Readonly<Record<keyof typeof privacyOperations, Row>> = {
  exportPerson: { answers: 202, request: person },
  erasePerson: { answers: 202, request: person },
  getPrivacyRequest: {
    answers: 200,
    request: async (side) => ({ params: { requestId: await asked(side) } }),
  },
  listPrivacyRequests: {
    answers: 200,
    request: async () => ({}),
    ids: {
      cursor: cursorOf(async (side) => {
        await asked(side)
        await asked(side)
        return '/privacy-requests'
      }),
      personId: {
        of: async (side) => (await side.chat()).personId,
        put: (_, personId) => ({ query: { personId } }),
        foreign: { status: 200 },
      },
    },
  },
  setLegalHold: {
    answers: 200,
    request: async (side) => withBody(await person(side), { reason: '0001234-56' }),
  },
  liftLegalHold: { answers: 200, request: person },
  listConsents: {
    answers: 200,
    request: person,
    ids: {
      cursor: cursorOf(async (side, { params }) => {
        const path = `/persons/${params?.personId}/consents` as const
        for (const action of ['GIVEN', 'REVOKED']) {
          await side.ask(`POST ${path}`, { body: { ...word, action } })
        }
        return path
      }),
    },
  },
  addConsent: {
    answers: 201,
    request: async (side) => withBody(await person(side), word),
  },
}
