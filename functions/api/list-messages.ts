import { messageResource, messagesQuery } from '#shared/contracts/messages.ts'
import { chatIdOf } from '#shared/contracts/paging.ts'
import { config } from '#shared/runtime/config.ts'
import { http } from '#shared/runtime/http.ts'
import { apiEnv } from '../env.ts'
import { wireChats } from '../wire.ts'

const { findClient, readChats } = wireChats(config(apiEnv))

export const handler = http({ query: messagesQuery }, async ({ principal, params, query }) => {
  const { tenantId } = await findClient(principal)
  const { limit, order, cursor } = query
  const page = await readChats.messages(tenantId, chatIdOf(params), { limit, order, cursor })
  return {
    status: 200,
    body: { items: page.items.map(messageResource), nextCursor: page.nextCursor ?? null },
  }
})
