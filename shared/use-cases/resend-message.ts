import { Refusal } from '../domain/errors.ts'
import type { Alerts } from '../ports/alerts.ts'
import type { MessageDesk, ResendMessage } from '../ports/message-desk.ts'
import type { TaskQueue } from '../ports/task-queue.ts'
import { tellOfRefusals } from './message-refusal.ts'
import type { AcceptedMessage } from './post-message.ts'

/** Takes for sending, as a new message, what has ended without arriving. */
export function makeResendMessage(desk: MessageDesk, queue: TaskQueue, alerts: Alerts) {
  return async (command: ResendMessage): Promise<AcceptedMessage> => {
    const answer = await desk.resend(command)
    if (answer.outcome === 'refused') {
      tellOfRefusals(alerts, command.tenantId, [answer.code])
      throw new Refusal(answer.code, answer.retryAfterSeconds)
    }
    if (answer.wake !== undefined) await queue.wake([answer.wake])
    return { messageId: answer.messageId, acceptedAt: answer.acceptedAt }
  }
}
