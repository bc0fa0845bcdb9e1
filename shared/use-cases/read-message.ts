import type { Caller } from '../domain/caller.ts'
import { Refusal } from '../domain/errors.ts'
import type { Message } from '../domain/message.ts'
import { type HistoryStep, historyOf, type SendAttempt } from '../domain/message-history.ts'
import type { MessageDesk, MessageName } from '../ports/message-desk.ts'

/** A message and all that became of it. */
export interface ReadMessage {
  readonly message: Message
  readonly history: readonly HistoryStep[]
  readonly attempts: readonly SendAttempt[]
}

/** Reads a message of a chat; one of somebody else is simply not found. */
export function makeReadMessage(desk: MessageDesk) {
  return async (caller: Caller, name: MessageName): Promise<ReadMessage> => {
    const story = await desk.get(caller, name)
    if (story === undefined) throw new Refusal('message-not-found')
    const { message, attempts, reports } = story
    return { message, attempts, history: historyOf(message, attempts, reports) }
  }
}
