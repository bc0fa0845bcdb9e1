import { Refusal } from '../domain/errors.ts'
import type { Alerts } from '../ports/alerts.ts'
import type { AcceptMessages, MessageDesk } from '../ports/message-desk.ts'
import type { TaskQueue } from '../ports/task-queue.ts'
import { refusalOfMessage, tellOfRefusals } from './message-refusal.ts'
import type { AcceptedMessage } from './post-message.ts'

/** What became of one message of many. */
export type PostedMessage =
  | { readonly chatId: string; readonly accepted: AcceptedMessage }
  | { readonly refusal: Refusal }

/**
 * Takes many messages for sending, each for itself, in the order given.
 * @throws Refusal of the request as a whole: `client-unknown`, `rate-limited`, `idempotency-key-mismatch`
 */
export function makePostMessages(desk: MessageDesk, queue: TaskQueue, alerts: Alerts) {
  return async (command: AcceptMessages): Promise<readonly PostedMessage[]> => {
    const answer = await desk.acceptMany(command)
    if (answer.outcome === 'refused') throw new Refusal(answer.code, answer.retryAfterSeconds)
    tellOfRefusals(
      alerts,
      command.tenantId,
      answer.items.flatMap((item) => (item.outcome === 'refused' ? [item.code] : [])),
    )
    await queue.wake(
      answer.items.flatMap((item) => (item.outcome === 'accepted' && item.wake ? [item.wake] : [])),
    )
    return command.messages.map((message, index) => {
      const item = answer.items[index]
      if (item === undefined) throw new Error('a message of many has no answer')
      if (item.outcome === 'refused') return { refusal: refusalOfMessage(message, item) }
      const { messageId, acceptedAt } = item
      return { chatId: message.chatId, accepted: { messageId, acceptedAt } }
    })
  }
}
