import type { Caller } from '../domain/caller.ts'
import type { RefusalCode } from '../domain/errors.ts'
import type { ReceiptResult } from '../domain/read-receipt.ts'
import type { Job, JobStore } from './job-store.ts'
import type { Wake } from './task-queue.ts'

/** Tells a provider that the business has read what a person wrote. */
interface ReadReceipt {
  readonly sender: {
    readonly phoneNumberId: string
    readonly secretName: string
  }
  /** The newest message read; the provider counts earlier ones as read too. */
  readonly providerMessageId: string
  /** The person also sees that somebody is writing. */
  readonly typing: boolean
}

/** Answers with an outcome; throws only for a bug of ours. Telling twice does no harm. */
export interface ReadReceipts {
  tell(receipt: ReadReceipt): Promise<ReceiptResult>
}

export interface MarkChatRead extends Caller {
  readonly chatId: string
  readonly typing: boolean
}

export type MarkAnswer =
  /** `wakes`: the receipt planned just now, if the provider has not heard of the newest message. */
  | { readonly outcome: 'read'; readonly wakes: readonly Wake[] }
  | {
      readonly outcome: 'refused'
      readonly code: RefusalCode
      readonly retryAfterSeconds: number | undefined
    }

export interface ReadReceiptJob extends Job {
  readonly receipt: ReadReceipt
}

/** Chats marked as read, and the receipts that follow. Each method is one database call. */
export interface ReadReceiptStore extends JobStore<ReadReceiptJob> {
  mark(command: MarkChatRead): Promise<MarkAnswer>
}
