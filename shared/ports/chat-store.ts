import type { Caller, RequestKey } from '../domain/caller.ts'
import type { Chat, Contact } from '../domain/chat.ts'
import type { RefusalCode } from '../domain/errors.ts'
import type { Message } from '../domain/message.ts'

export interface OpenChat extends Caller {
  readonly request: RequestKey
  readonly externalId: string
  readonly name: string | undefined
  readonly contacts: readonly Contact[]
}

export type OpenAnswer =
  | { readonly outcome: 'opened'; readonly created: boolean; readonly chat: Chat }
  | {
      readonly outcome: 'refused'
      readonly code: RefusalCode
      readonly retryAfterSeconds: number | undefined
    }

export interface Page<T> {
  readonly items: readonly T[]
  readonly nextCursor: string | undefined
}

export interface PageRequest {
  /** 1 to 100; a page also ends at 700 KB. */
  readonly limit: number
  readonly cursor: string | undefined
}

/**
 * Chats and threads. Each method is one database call; reads throw Refusal `client-unknown` and
 * `rate-limited`.
 */
export interface ChatStore {
  open(command: OpenChat): Promise<OpenAnswer>
  get(caller: Caller, chatId: string): Promise<Chat | undefined>
  /** Newest activity first. Throws Refusal `invalid-cursor`. */
  list(caller: Caller, page: PageRequest): Promise<Page<Chat>>
  /** Undefined when the tenant has no such chat. Throws Refusal `invalid-cursor`. */
  messages(
    caller: Caller,
    chatId: string,
    page: PageRequest & { readonly order: 'asc' | 'desc' },
  ): Promise<Page<Message> | undefined>
}
