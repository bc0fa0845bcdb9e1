import type { MessageContent } from '../domain/content.ts'
import type { Message } from '../domain/message.ts'
import type { ErasableObjects } from './erasures.ts'

/** An export as its task names it. */
interface ExportName {
  readonly tenantId: string
  readonly requestId: string
}

export type BegunExport =
  | { readonly outcome: 'begun'; readonly personId: string; readonly objectKey: string }
  /** The person was erased: what lies there must go. */
  | { readonly outcome: 'erased'; readonly objectKey: string }
  | { readonly outcome: 'nothing' }

/** A row of a person, opened, as it is handed out. */
export type ExportedRow = Readonly<Record<string, unknown>>

/** What is read of a person beside the messages. */
export const exportParts = [
  'persons',
  'contacts',
  'contactSenders',
  'portfolioContacts',
  'optOuts',
  'consents',
  'suppressions',
  'chats',
  'files',
  'fileUploads',
  'movements',
  'installments',
  'businessEvents',
  'dunningSteps',
  'privacyRequests',
  'readers',
] as const
export type ExportPart = (typeof exportParts)[number]

/** What is read of each message beside it. */
export const messageParts = ['attempts', 'statuses'] as const
export type MessagePart = (typeof messageParts)[number]

/**
 * A message with all that its row holds. Contents are there as long as they are kept, of a deleted
 * message too.
 */
export interface ExportedMessage
  extends Message,
    Readonly<Record<MessagePart, readonly ExportedRow[]>> {
  /** The template that waits, or waited, to take the content's place. */
  readonly fallbackContent: MessageContent | undefined
}

/** Everything that is kept of a person, in bounded pages. Each method is one call a page. */
export interface ExportStore {
  begin(name: ExportName): Promise<BegunExport>
  rows(tenantId: string, personId: string, part: ExportPart): AsyncIterable<ExportedRow>
  /** By sequence; a page takes a call more for each part of its messages. */
  messages(tenantId: string, chatId: string): AsyncIterable<ExportedMessage>
  /** False: the person was erased meanwhile. */
  finish(name: ExportName, counts: Readonly<Record<string, number>>): Promise<boolean>
  /** Nothing of it lies anywhere: its person was erased. */
  refuse(name: ExportName): Promise<void>
}

/** An object that is written piece by piece, and is there only once it was closed. */
export interface OpenObject {
  /** Waits while a part of the object is on its way. */
  write(text: string): Promise<void>
  close(): Promise<void>
  /** Nothing of it stays; of one that was closed nothing happens. */
  abandon(): Promise<void>
}

export interface ExportObjects extends ErasableObjects {
  open(object: { readonly key: string; readonly contentType: string }): OpenObject
}
