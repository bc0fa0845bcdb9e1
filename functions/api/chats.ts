import { chatResource } from '#shared/contracts/chats.ts'
import { chatOperations } from '#shared/contracts/operations/chats.ts'
import { config } from '#shared/runtime/config.ts'
import { api } from '#shared/runtime/http.ts'
import { chatsEnv } from '../env.ts'
import { wireChats } from '../wire.ts'

const { findClient, openChat, readChats, updateChat, markChatRead } = wireChats(config(chatsEnv))

export const handler = api(
  chatOperations,
  findClient,
)({
  openChat: async ({ caller, body, request }) => {
    const { created, chat } = await openChat({
      ...caller,
      request,
      externalId: body.person.externalId,
      name: body.person.name,
      contacts: body.contacts,
    })
    return {
      status: created ? 201 : 200,
      headers: { location: `/chats/${chat.chatId}` },
      version: chat.version,
      body: chatResource(chat),
    }
  },

  listChats: async ({ caller, query }) => {
    const { limit, cursor, ...filter } = query
    const page = await readChats.list(caller, { limit, cursor, filter })
    return {
      status: 200,
      body: { items: page.items.map(chatResource), nextCursor: page.nextCursor ?? null },
    }
  },

  getChat: async ({ caller, params }) => {
    const chat = await readChats.get(caller, params.chatId)
    return { status: 200, version: chat.version, body: chatResource(chat) }
  },

  updateChat: async ({ caller, params: { chatId }, body: { status }, ifMatch }) => {
    const chat = await updateChat({ ...caller, chatId, status, version: ifMatch })
    return { status: 200, version: chat.version, body: chatResource(chat) }
  },

  markChatRead: async ({ caller, params: { chatId }, body }) => {
    await markChatRead({ ...caller, chatId, typing: body?.typing ?? false })
    return { status: 200, body: { chatId, unreadCount: 0 } }
  },
})
