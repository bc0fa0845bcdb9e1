import { Refusal } from '../domain/errors.ts'
import type { MarkChatRead, ReadReceiptStore } from '../ports/read-receipts.ts'
import type { TaskQueue } from '../ports/task-queue.ts'

/** Marks a chat as read; the person's ticks turn blue a moment later. */
export function makeMarkChatRead(receipts: Pick<ReadReceiptStore, 'mark'>, queue: TaskQueue) {
  return async (command: MarkChatRead): Promise<void> => {
    const answer = await receipts.mark(command)
    if (answer.outcome === 'refused') throw new Refusal(answer.code, answer.retryAfterSeconds)
    await queue.wake(answer.wakes)
  }
}
