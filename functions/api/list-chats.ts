import { chatResource } from '#shared/contracts/chats.ts'
import { pageQuery } from '#shared/contracts/paging.ts'
import { config } from '#shared/runtime/config.ts'
import { http } from '#shared/runtime/http.ts'
import { apiEnv } from '../env.ts'
import { wireChats } from '../wire.ts'

const { findClient, readChats } = wireChats(config(apiEnv))

export const handler = http({ query: pageQuery }, async ({ principal, query }) => {
  const { tenantId } = await findClient(principal)
  const page = await readChats.list(tenantId, { limit: query.limit, cursor: query.cursor })
  return {
    status: 200,
    body: { items: page.items.map(chatResource), nextCursor: page.nextCursor ?? null },
  }
})
