import { chatResource, openChatBody } from '#shared/contracts/chats.ts'
import { config } from '#shared/runtime/config.ts'
import { http } from '#shared/runtime/http.ts'
import { apiEnv } from '../env.ts'
import { wireChats } from '../wire.ts'

const { findClient, openChat } = wireChats(config(apiEnv))

export const handler = http({ body: openChatBody }, async ({ principal, body, requestKey }) => {
  const client = await findClient(principal)
  const { created, chat } = await openChat({
    ...client,
    request: { route: 'POST /chats', key: requestKey, body: JSON.stringify(body) },
    externalId: body.person.externalId,
    name: body.person.name,
    contacts: body.contacts,
  })
  return {
    status: created ? 201 : 200,
    headers: { location: `/chats/${chat.chatId}` },
    body: chatResource(chat),
  }
})
