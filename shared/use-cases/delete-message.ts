import { Refusal } from '../domain/errors.ts'
import type { Message } from '../domain/message.ts'
import type { DeleteMessage, MessageDesk } from '../ports/message-desk.ts'

/** Deletes a message that can no longer be sent; answers its tombstone. */
export function makeDeleteMessage(desk: MessageDesk) {
  return async (command: DeleteMessage): Promise<Message> => {
    const answer = await desk.delete(command)
    if (answer.outcome === 'refused') throw new Refusal(answer.code, answer.retryAfterSeconds)
    return answer.message
  }
}
