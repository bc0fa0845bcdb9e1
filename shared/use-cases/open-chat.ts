import type { Chat } from '../domain/chat.ts'
import { Refusal } from '../domain/errors.ts'
import type { ChatStore, OpenChat } from '../ports/chat-store.ts'

/** Opens or returns the ACTIVE chat of a person; tells which it was. */
export function makeOpenChat(chats: ChatStore) {
  return async (command: OpenChat): Promise<{ created: boolean; chat: Chat }> => {
    const answer = await chats.open(command)
    if (answer.outcome === 'refused') throw new Refusal(answer.code, answer.retryAfterSeconds)
    return answer
  }
}
