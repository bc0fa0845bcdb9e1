import type { messageOperations } from '#shared/contracts/operations/messages.ts'
import { waitingMessage } from '#test/support/api-side.ts'
import { cursorOf, type IdRow, inChat, type Row, type Verdict, withBody } from './row.ts'

const messageMissing = { status: 404, code: 'message-not-found' } as const
const mediaMissing = { status: 404, code: 'media-not-found' } as const
/** The file is known; then the template turns out to have no place for one. */
const pastTheFile = { status: 422, code: 'template-parameters' } as const

/** A file that a content names. */
function fileIn(content: (mediaId: string) => object, own?: Verdict): IdRow {
  return {
    of: (side) => side.storedFile(),
    put: (wanted, mediaId) => withBody(wanted, { ...waitingMessage, content: content(mediaId) }),
    ...(own !== undefined && { own }),
    foreign: mediaMissing,
    nobodys: () => crypto.randomUUID(),
  }
}

const fileTemplate = (mediaId: string) => ({
  type: 'template',
  name: 'aviso_geral',
  language: 'pt_BR',
  variables: { headerMedia: { type: 'image', mediaId } },
})

const sentIds: Readonly<Record<string, IdRow>> = {
  replyToMessageId: {
    of: (side, { params }) => side.queuedMessage(params?.chatId ?? ''),
    put: (wanted, replyToMessageId) => withBody(wanted, { ...waitingMessage, replyToMessageId }),
    foreign: messageMissing,
  },
  'replyToMessageId of another chat': {
    of: async (side) => side.queuedMessage((await side.chat()).chatId),
    put: (wanted, replyToMessageId) => withBody(wanted, { ...waitingMessage, replyToMessageId }),
    own: messageMissing,
    foreign: messageMissing,
  },
  'mediaId of a document': fileIn((mediaId) => ({ type: 'document', mediaId })),
  'mediaId of a header': fileIn((mediaId) => ({
    type: 'interactive',
    kind: 'buttons',
    header: { type: 'document', mediaId },
    body: 'Segue o boleto.',
    buttons: [{ id: 'ok', title: 'Ok' }],
  })),
  'mediaId of a template': fileIn(fileTemplate, pastTheFile),
  'mediaId of a fallback': {
    ...fileIn(fileTemplate, pastTheFile),
    put: (wanted, mediaId) =>
      withBody(wanted, { ...waitingMessage, fallbackTemplate: fileTemplate(mediaId) }),
  },
}

export const messageRows: Readonly<Record<keyof typeof messageOperations, Row>> = {
  listMessages: {
    answers: 200,
    request: inChat,
    ids: {
      cursor: cursorOf(async (side, { params: { chatId = '' } = {} }) => {
        await side.queuedMessage(chatId)
        await side.queuedMessage(chatId)
        return `/chats/${chatId}/messages`
      }),
    },
  },
  postMessage: {
    answers: 202,
    request: async (side) => withBody(await inChat(side), waitingMessage),
    ids: sentIds,
  },
  cancelMessage: {
    answers: 200,
    request: async (side) => {
      const { chatId } = await side.chat()
      return { params: { chatId, messageId: await side.queuedMessage(chatId) } }
    },
    notFound: { chatId: 'message-not-found' },
  },
}
