import { auditResource } from '#shared/contracts/audit.ts'
import { auditOperations } from '#shared/contracts/operations/audit.ts'
import { config } from '#shared/runtime/config.ts'
import { api } from '#shared/runtime/http.ts'
import { storesEnv } from '../env.ts'
import { wireAudit } from '../wire-audit.ts'

const { findClient, audit } = wireAudit(config(storesEnv))

export const handler = api(
  auditOperations,
  findClient,
)({
  listAudit: async ({ caller, query }) => {
    const { limit, cursor, ...filter } = query
    const page = await audit.list(caller, { limit, cursor, filter })
    return {
      status: 200,
      body: { items: page.items.map(auditResource), nextCursor: page.nextCursor ?? null },
    }
  },
})
