import { markReadBody } from '#shared/contracts/chats.ts'
import { chatIdOf } from '#shared/contracts/paging.ts'
import { config } from '#shared/runtime/config.ts'
import { http } from '#shared/runtime/http.ts'
import { markChatReadEnv } from '../env.ts'
import { wireMarkChatRead } from '../wire.ts'

const { findClient, markChatRead } = wireMarkChatRead(config(markChatReadEnv))

export const handler = http({ body: markReadBody }, async ({ principal, params, body }) => {
  const client = await findClient(principal)
  const chatId = chatIdOf(params)
  await markChatRead({ ...client, chatId, typing: body?.typing ?? false })
  return { status: 200, body: { chatId, unreadCount: 0 } }
})
