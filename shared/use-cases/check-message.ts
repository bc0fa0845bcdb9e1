import { Refusal } from '../domain/errors.ts'
import type { MessageFacts } from '../domain/message-check.ts'
import type { CheckMessage, MessageDesk } from '../ports/message-desk.ts'
import { refusalOfMessage } from './message-refusal.ts'

/** What would become of a message, and what the rules went by. */
export interface CheckedMessage {
  readonly facts: MessageFacts
  /** Undefined: it would go. */
  readonly refusal: Refusal | undefined
  readonly usesFallback: boolean | undefined
}

/**
 * Asks the rules about a message without sending it; nobody is alerted.
 * @throws Refusal `client-unknown`, `rate-limited`, `chat-not-found`
 */
export function makeCheckMessage(desk: MessageDesk) {
  return async (command: CheckMessage): Promise<CheckedMessage> => {
    const answer = await desk.check(command)
    if (answer.outcome === 'refused') throw new Refusal(answer.code, answer.retryAfterSeconds)
    const { facts, refusal, usesFallback } = answer
    return { facts, usesFallback, refusal: refusal && refusalOfMessage(command, refusal) }
  }
}
