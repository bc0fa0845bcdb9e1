import { templateOf, templateResource } from '#shared/contracts/templates.ts'
import { config } from '#shared/runtime/config.ts'
import { http } from '#shared/runtime/http.ts'
import { apiEnv } from '../env.ts'
import { wireTemplates } from '../wire-templates.ts'

const { findClient, readTemplates } = wireTemplates(config(apiEnv))

/** Lets a recategorised template go again; its messages may cost more from then on. */
export const handler = http({}, async ({ principal, params }) => {
  const { tenantId } = await findClient(principal)
  const accepted = await readTemplates.acceptCategory(tenantId, templateOf(params))
  return { status: 200, body: { items: accepted.map(templateResource) } }
})
