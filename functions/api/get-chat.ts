import { chatResource } from '#shared/contracts/chats.ts'
import { chatIdOf } from '#shared/contracts/paging.ts'
import { config } from '#shared/runtime/config.ts'
import { http } from '#shared/runtime/http.ts'
import { apiEnv } from '../env.ts'
import { wireChats } from '../wire.ts'

const { findClient, readChats } = wireChats(config(apiEnv))

export const handler = http({}, async ({ principal, params }) => {
  const { tenantId } = await findClient(principal)
  const chat = await readChats.get(tenantId, chatIdOf(params))
  return { status: 200, body: chatResource(chat) }
})
