import type { Caller } from '../domain/caller.ts'
import type { Chat } from '../domain/chat.ts'
import { Refusal } from '../domain/errors.ts'
import type { Message } from '../domain/message.ts'
import type { ChatPageRequest, ChatStore, Page, PageRequest } from '../ports/chat-store.ts'

/** The chats of a tenant; one of somebody else is simply not found. */
export function makeReadChats(chats: ChatStore) {
  return {
    get: async (caller: Caller, chatId: string): Promise<Chat> => {
      const chat = await chats.get(caller, chatId)
      if (chat === undefined) throw new Refusal('chat-not-found')
      return chat
    },
    list: (caller: Caller, page: ChatPageRequest): Promise<Page<Chat>> => chats.list(caller, page),
    messages: async (
      caller: Caller,
      chatId: string,
      page: PageRequest & { readonly order: 'asc' | 'desc' },
    ): Promise<Page<Message>> => {
      const found = await chats.messages(caller, chatId, page)
      if (found === undefined) throw new Refusal('chat-not-found')
      return found
    },
  }
}
