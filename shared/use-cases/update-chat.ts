import type { Chat } from '../domain/chat.ts'
import { Refusal } from '../domain/errors.ts'
import type { ChatStore, UpdateChat } from '../ports/chat-store.ts'

/** Closes, reopens or archives a chat that still is what the caller has seen. */
export function makeUpdateChat(chats: Pick<ChatStore, 'update'>) {
  return async (command: UpdateChat): Promise<Chat> => {
    const answer = await chats.update(command)
    if (answer.outcome === 'refused') throw new Refusal(answer.code, answer.retryAfterSeconds)
    return answer.chat
  }
}
