import type { Caller, RequestKey } from '../domain/caller.ts'
import type { Chat, ChatFilter, ChatStatus } from '../domain/chat.ts'
import type { RefusalCode } from '../domain/errors.ts'
import type { Message } from '../domain/message.ts'
import type { Contact } from '../domain/person.ts'

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

export interface UpdateChat extends Caller {
  readonly chatId: string
  /** Of the chat as the caller has seen it. */
  readonly version: string
  readonly status: ChatStatus
}

export type UpdateAnswer =
  | { readonly outcome: 'updated'; readonly chat: Chat }
  | {
      readonly outcome: 'refused'
      /** chat-not-found, version-mismatch, chat-merged, chat-archived, person-has-active-chat */
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

export interface ChatPageRequest extends PageRequest {
  readonly filter?: ChatFilter
}

/**
 * Chats and threads. Each method is one database call; reads throw Refusal `client-unknown` and
 * `rate-limited`.
 */
export interface ChatStore {
  open(command: OpenChat): Promise<OpenAnswer>
  get(caller: Caller, chatId: string): Promise<Chat | undefined>
  /**
   * Newest activity first; with `updatedAfter` newest change first. A page may hold fewer chats than
   * asked for, even none, and still be followed by another. Throws Refusal `invalid-cursor`.
   */
  list(caller: Caller, page: ChatPageRequest): Promise<Page<Chat>>
  /** The status that the chat has already is no change, whatever the version. */
  update(command: UpdateChat): Promise<UpdateAnswer>
  /** Undefined when the tenant has no such chat. Throws Refusal `invalid-cursor`. */
  messages(
    caller: Caller,
    chatId: string,
    page: PageRequest & { readonly order: 'asc' | 'desc' },
  ): Promise<Page<Message> | undefined>
}
