import { templateQuery, templateResource } from '#shared/contracts/templates.ts'
import { config } from '#shared/runtime/config.ts'
import { http } from '#shared/runtime/http.ts'
import { apiEnv } from '../env.ts'
import { wireTemplates } from '../wire-templates.ts'

const { findClient, readTemplates } = wireTemplates(config(apiEnv))

export const handler = http({ query: templateQuery }, async ({ principal, query }) => {
  const { tenantId } = await findClient(principal)
  const { limit, cursor, ...filter } = query
  const page = await readTemplates.list(tenantId, { limit, cursor, filter })
  return {
    status: 200,
    body: { items: page.items.map(templateResource), nextCursor: page.nextCursor ?? null },
  }
})
