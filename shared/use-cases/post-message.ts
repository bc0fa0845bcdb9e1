import { Refusal } from '../domain/errors.ts'
import type { AcceptMessage, MessageStore } from '../ports/message-store.ts'
import type { TaskQueue } from '../ports/task-queue.ts'

export interface AcceptedMessage {
  readonly messageId: string
  readonly acceptedAt: string
}

/** Takes a message for sending. Once it answers, the message reaches a final, visible state. */
export function makePostMessage(messages: MessageStore, queue: TaskQueue) {
  return async (command: AcceptMessage): Promise<AcceptedMessage> => {
    const answer = await messages.accept(command)
    if (answer.outcome === 'refused') throw new Refusal(answer.code, answer.retryAfterSeconds)
    if (answer.wake !== undefined) await queue.wake([answer.wake])
    return { messageId: answer.messageId, acceptedAt: answer.acceptedAt }
  }
}
