import type { messageOperations } from '#shared/contracts/operations/messages.ts'
import { type Side, waitingMessage } from '#test/support/api-side.ts'
import type { Wanted } from '#test/support/operations.ts'
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

/** A message that waits for years, in a chat. */
const queued = async (side: Side): Promise<Wanted> => {
  const { chatId } = await side.chat()
  return { params: { chatId, messageId: await side.queuedMessage(chatId) } }
}

/** One that will not be sent any more. */
const cancelled = async (side: Side): Promise<Wanted> => {
  const wanted = await queued(side)
  const { chatId, messageId } = wanted.params ?? {}
  const { status } = await side.ask(`POST /chats/${chatId}/messages/${messageId}/cancel`)
  if (status !== 200) throw new Error(`the cancel answered ${status}`)
  return wanted
}

/** The same ids, where a 200 says what is wrong with a message. */
const told = (row: IdRow, put: IdRow['put']): IdRow => ({
  ...row,
  put,
  ...(row.own !== undefined && { own: { ...row.own, status: 200 } }),
  foreign: { ...row.foreign, status: 200 },
})
const checkedIds = Object.fromEntries(
  Object.entries(sentIds).map(([name, row]) => [name, told(row, row.put)]),
)
/** Each message of a batch names its chat. */
const firstOf = ({ body }: Wanted) =>
  (body as { messages: readonly { chatId: string }[] }).messages[0] ?? { chatId: '' }
const batchOf = (message: object): Wanted => ({ body: { messages: [message] } })
const batchIds = Object.fromEntries(
  Object.entries(sentIds).map(([name, row]) => {
    const single = (wanted: Wanted): Wanted => ({ params: { chatId: firstOf(wanted).chatId } })
    const put: IdRow['put'] = (wanted, id) =>
      batchOf({ ...firstOf(wanted), ...(row.put({}, id).body as object) })
    return [
      name,
      { ...told(row, put), of: (side: Side, wanted: Wanted) => row.of(side, single(wanted)) },
    ]
  }),
)

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
  getMessage: { answers: 200, request: queued, notFound: { chatId: 'message-not-found' } },
  postMessages: {
    answers: 200,
    stranger: { status: 200, code: 'chat-not-found' },
    request: async (side) => batchOf({ ...waitingMessage, chatId: (await side.chat()).chatId }),
    ids: {
      ...batchIds,
      chatId: {
        of: async (side) => (await side.chat()).chatId,
        put: (_, chatId) => batchOf({ ...waitingMessage, chatId }),
        foreign: { status: 200, code: 'chat-not-found' },
      },
    },
  },
  checkMessage: {
    answers: 200,
    request: async (side) => withBody(await inChat(side), waitingMessage),
    ids: checkedIds,
  },
  resendMessage: {
    answers: 202,
    notFound: { chatId: 'message-not-found' },
    request: async (side) => withBody(await cancelled(side), { sendAt: waitingMessage.sendAt }),
  },
  cancelMessage: { answers: 200, request: queued, notFound: { chatId: 'message-not-found' } },
  deleteMessage: { answers: 200, request: cancelled, notFound: { chatId: 'message-not-found' } },
}
