import type { Message } from '../domain/message.ts'

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
  'optOuts',
  'consents',
  'suppressions',
  'chats',
  'statuses',
  'files',
  'movements',
  'installments',
  'readers',
] as const
export type ExportPart = (typeof exportParts)[number]

/** Everything that is kept of a person, in bounded pages. Each method is one call a page. */
export interface ExportStore {
  begin(name: ExportName): Promise<BegunExport>
  rows(tenantId: string, personId: string, part: ExportPart): AsyncIterable<ExportedRow>
  messages(tenantId: string, chatId: string): AsyncIterable<Message>
  /** False: the person was erased meanwhile. */
  finish(name: ExportName, counts: Readonly<Record<string, number>>): Promise<boolean>
  /** Nothing of it lies anywhere: its person was erased. */
  refuse(name: ExportName): Promise<void>
}
