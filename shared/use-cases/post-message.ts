import type { Alerts } from '../ports/alerts.ts'
import type { AcceptMessage, MessageStore } from '../ports/message-store.ts'
import type { TaskQueue } from '../ports/task-queue.ts'
import { refusalOfMessage, tellOfRefusals } from './message-refusal.ts'

export interface AcceptedMessage {
  readonly messageId: string
  readonly acceptedAt: string
}

/** Takes a message for sending. Once it answers, the message reaches a final, visible state. */
export function makePostMessage(messages: MessageStore, queue: TaskQueue, alerts: Alerts) {
  return async (command: AcceptMessage): Promise<AcceptedMessage> => {
    const answer = await messages.accept(command)
    if (answer.outcome === 'refused') {
      tellOfRefusals(alerts, command.tenantId, [answer.code])
      throw refusalOfMessage(command, answer)
    }
    if (answer.wake !== undefined) await queue.wake([answer.wake])
    return { messageId: answer.messageId, acceptedAt: answer.acceptedAt }
  }
}
