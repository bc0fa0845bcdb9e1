import { privacyOperations } from '#shared/contracts/operations/privacy.ts'
import * as shown from '#shared/contracts/privacy.ts'
import { config } from '#shared/runtime/config.ts'
import { api } from '#shared/runtime/http.ts'
import { privacyEnv } from '../env.ts'
import { wirePrivacy } from '../wire-privacy.ts'

const { findClient, privacy } = wirePrivacy(config(privacyEnv))

export const handler = api(
  privacyOperations,
  findClient,
)({
  exportPerson: async ({ caller, params, request }) =>
    shown.plannedAnswer(await privacy.ask({ ...caller, ...params, kind: 'EXPORT', request })),

  erasePerson: async ({ caller, params, request }) =>
    shown.plannedAnswer(await privacy.ask({ ...caller, ...params, kind: 'ERASURE', request })),

  getPrivacyRequest: async ({ caller, params }) => {
    const { asked, downloads } = await privacy.get(caller, params.requestId)
    return { status: 200, body: shown.privacyRequestResource(asked, downloads) }
  },

  listPrivacyRequests: async ({ caller, query }) => {
    const { items, nextCursor = null } = await privacy.list(caller, query)
    const body = { items: items.map((asked) => shown.privacyRequestResource(asked)), nextCursor }
    return { status: 200, body }
  },

  setLegalHold: async ({ caller, params, body }) => {
    const held = await privacy.hold({ ...caller, ...params, ...body })
    return { status: 200, body: shown.legalHoldResource(held) }
  },

  liftLegalHold: async ({ caller, params }) => {
    const held = await privacy.hold({ ...caller, ...params })
    return { status: 200, body: shown.legalHoldResource(held) }
  },

  listConsents: async ({ caller, params, query }) => {
    const page = await privacy.consents(caller, params.personId, query)
    const { items, nextCursor = null } = page
    return { status: 200, body: { items: items.map(shown.consentResource), nextCursor } }
  },

  addConsent: async ({ caller, params, body, request }) => {
    const consent = await privacy.addConsent({ ...caller, ...params, ...body, request })
    return { status: 201, body: shown.consentResource(consent) }
  },
})
