import { Refusal } from '../domain/errors.ts'
import type { CancelMessage, MessageStore } from '../ports/message-store.ts'
import type { TaskQueue } from '../ports/task-queue.ts'

/** Cancels a message that nobody has claimed, and wakes what waited behind it. */
export function makeCancelMessage(messages: MessageStore, queue: TaskQueue) {
  return async (message: CancelMessage): Promise<void> => {
    const answer = await messages.cancel(message)
    if (answer.outcome === 'refused') throw new Refusal(answer.code, answer.retryAfterSeconds)
    await queue.wake(answer.wakes)
  }
}
