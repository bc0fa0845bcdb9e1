import type { Caller, RequestKey } from '../domain/caller.ts'
import type { RefusalCode } from '../domain/errors.ts'
import type { Message } from '../domain/message.ts'
import type { MessageFacts } from '../domain/message-check.ts'
import type { SendAttempt, StatusReport } from '../domain/message-history.ts'
import type { AcceptAnswer, MessageRefused, MessageWish } from './message-store.ts'

export interface MessageName {
  readonly chatId: string
  readonly messageId: string
}

/** A message with its newest 50 attempts and reports, oldest first. */
export interface MessageStory {
  readonly message: Message
  readonly attempts: readonly SendAttempt[]
  readonly reports: readonly StatusReport[]
}

export interface AcceptMessages extends Caller {
  readonly request: RequestKey
  /** 1 to 100. */
  readonly messages: readonly MessageWish[]
}

export interface CheckMessage extends Caller, MessageWish {}

export interface ResendMessage extends Caller, MessageName {
  readonly request: RequestKey
  readonly sendAt?: string | undefined
  readonly expiresAt?: string | undefined
}

export interface DeleteMessage extends Caller, MessageName {}

interface Refused {
  readonly outcome: 'refused'
  readonly code: RefusalCode
  readonly retryAfterSeconds: number | undefined
}

export type AcceptManyAnswer =
  | {
      readonly outcome: 'answered'
      /** In the order of what was asked. */
      readonly items: readonly AcceptAnswer[]
    }
  | Refused

export type CheckAnswer =
  | {
      readonly outcome: 'checked'
      readonly facts: MessageFacts
      /** Undefined: it would go. */
      readonly refusal: MessageRefused | undefined
      /** Whether the fallback would go in the content's place, if anything would go. */
      readonly usesFallback: boolean | undefined
    }
  | Refused

/** What programs do with messages besides posting one. Each method is one database call. */
export interface MessageDesk {
  /** Undefined when the chat has no such message. Throws Refusal `client-unknown`, `rate-limited`. */
  get(caller: Caller, name: MessageName): Promise<MessageStory | undefined>
  /** Each message is taken or refused for itself; a repeated request gets the same answer. */
  acceptMany(command: AcceptMessages): Promise<AcceptManyAnswer>
  /** What would become of a message; stores nothing. */
  check(command: CheckMessage): Promise<CheckAnswer>
  /** A new message with the content of one that has ended without arriving. */
  resend(command: ResendMessage): Promise<AcceptAnswer>
  /** What is left is a tombstone; a second time changes nothing. */
  delete(
    command: DeleteMessage,
  ): Promise<{ readonly outcome: 'deleted'; readonly message: Message } | Refused>
}
