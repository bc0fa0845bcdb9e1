import { templateOperations } from '#shared/contracts/operations/templates.ts'
import { syncResource, templateResource } from '#shared/contracts/templates.ts'
import { config } from '#shared/runtime/config.ts'
import { api } from '#shared/runtime/http.ts'
import { templatesEnv } from '../env.ts'
import { wireTemplates } from '../wire-templates.ts'

const { findClient, readTemplates, requestSync } = wireTemplates(config(templatesEnv))

export const handler = api(
  templateOperations,
  findClient,
)({
  listTemplates: async ({ caller, query }) => {
    const { limit, cursor, ...filter } = query
    const page = await readTemplates.list(caller, { limit, cursor, filter })
    return {
      status: 200,
      body: { items: page.items.map(templateResource), nextCursor: page.nextCursor ?? null },
    }
  },

  syncTemplates: async ({ caller }) => {
    const syncs = await requestSync(caller)
    return { status: 202, body: { items: syncs.map(syncResource) } }
  },

  /** Its messages may cost more from then on. */
  acceptTemplateCategory: async ({ caller, params }) => {
    const accepted = await readTemplates.acceptCategory(caller, params)
    return { status: 200, body: { items: accepted.map(templateResource) } }
  },
})
