import { syncResource } from '#shared/contracts/templates.ts'
import { config } from '#shared/runtime/config.ts'
import { http } from '#shared/runtime/http.ts'
import { planTemplateSyncsEnv } from '../env.ts'
import { wireRequestSync } from '../wire-templates.ts'

const { findClient, requestSync } = wireRequestSync(config(planTemplateSyncsEnv))

export const handler = http({}, async ({ principal }) => {
  const { tenantId } = await findClient(principal)
  const syncs = await requestSync(tenantId)
  return { status: 202, body: { items: syncs.map(syncResource) } }
})
