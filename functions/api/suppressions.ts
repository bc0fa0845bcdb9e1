import { suppressionOperations } from '#shared/contracts/operations/suppressions.ts'
import { suppressionPageOf, suppressionResource } from '#shared/contracts/suppressions.ts'
import { config } from '#shared/runtime/config.ts'
import { api } from '#shared/runtime/http.ts'
import { storesEnv } from '../env.ts'
import { wireSuppressions } from '../wire-mail-events.ts'

const { findClient, suppressions } = wireSuppressions(config(storesEnv))

export const handler = api(
  suppressionOperations,
  findClient,
)({
  listSuppressions: async ({ caller, query }) => {
    const page = await suppressions.list(caller, suppressionPageOf(query))
    return {
      status: 200,
      body: { items: page.items.map(suppressionResource), nextCursor: page.nextCursor ?? null },
    }
  },

  addSuppression: async ({ caller, body, request }) => {
    const { suppression, isNew } = await suppressions.add({ ...caller, ...body, request })
    return {
      status: isNew ? 201 : 200,
      body: suppressionResource(suppression),
    }
  },

  removeSuppression: async ({ caller, params }) => {
    await suppressions.remove(caller, params.suppressionId)
    return { status: 204, body: undefined }
  },
})
