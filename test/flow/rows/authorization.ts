import type { RefusalCode } from '#shared/domain/errors.ts'
import { type Side, somebody, waitingMessage } from '#test/support/api-side.ts'
import type { OperationId, Wanted } from '#test/support/operations.ts'
import { fresh, freshPhone } from '#test/support/stores-world.ts'

/** What a request is answered; the gateway's own answers have no code. */
export interface Verdict {
  readonly status: number
  readonly code?: RefusalCode
}

/** An id of ours, or something else of one tenant, elsewhere in a request than in its path. */
interface IdRow {
  /** One that this tenant may name in a request like this one. */
  readonly of: (side: Side, wanted: Wanted) => Promise<string>
  readonly put: (wanted: Wanted, id: string) => Wanted
  /** Default: what a request without it is answered. */
  readonly own?: Verdict
  /** For another tenant's and for what nobody has: they are not told apart. */
  readonly foreign: Verdict
  /** What nobody has. */
  readonly nobodys?: () => string
}

/** How an operation is asked for, and what it answers to ids that are not the caller's. */
interface Row {
  /** What a good request is answered. */
  readonly answers: number
  /** A good request of this tenant, on things that no other request has touched. */
  readonly request: (side: Side) => Promise<Wanted>
  /** Where another tenant's id in the path is answered otherwise than the path's contract says. */
  readonly notFound?: Readonly<Record<string, RefusalCode>>
  /** Parts of the path that name nothing of a tenant. */
  readonly plain?: readonly string[]
  readonly ids?: Readonly<Record<string, IdRow>>
}

const inChat = async (side: Side): Promise<Wanted> => ({
  params: { chatId: (await side.chat()).chatId },
})
const withBody = (wanted: Wanted, body: object): Wanted => ({ ...wanted, body })
const messageMissing = { status: 404, code: 'message-not-found' } as const
const mediaMissing = { status: 404, code: 'media-not-found' } as const
/** The file is known; then the template turns out to have no place for one. */
const pastTheFile = { status: 422, code: 'template-parameters' } as const

/** The cursor of a list of which the tenant has more than one page. */
function cursorOf(list: (side: Side, wanted: Wanted) => Promise<`/${string}`>): IdRow {
  return {
    of: async (side, wanted) => {
      const path = await list(side, wanted)
      const { json } = await side.ask(`GET ${path}?limit=1`)
      if (typeof json?.nextCursor !== 'string') throw new Error(`${path} has one page only`)
      return json.nextCursor
    },
    put: (wanted, cursor) => ({ ...wanted, query: { limit: '1', cursor } }),
    foreign: { status: 422, code: 'invalid-cursor' },
    nobodys: () => 'bm9ib2R5',
  }
}

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

/**
 * Who may do what to whose: a row an operation, each tried by every kind of token. Another tenant's
 * things are as if they were not there. An operation without a row does not compile.
 */
export const authorization: Readonly<Record<OperationId, Row>> = {
  openChat: {
    answers: 201,
    request: async () => ({ body: somebody() }),
    ids: {
      externalId: {
        of: async (side) => (await side.chat()).externalId,
        put: (wanted, externalId) => withBody(wanted, somebody(externalId)),
        own: { status: 200 },
        foreign: { status: 201 },
        nobodys: () => fresh('nobody'),
      },
      'address of a contact': {
        of: async (side) => (await side.chat()).phone,
        put: (wanted, phone) => withBody(wanted, somebody(fresh('side'), phone)),
        own: { status: 409, code: 'contact-taken' },
        foreign: { status: 201 },
        nobodys: freshPhone,
      },
    },
  },
  listChats: {
    answers: 200,
    request: async () => ({}),
    ids: {
      cursor: cursorOf(async (side) => {
        await Promise.all([side.chat(), side.chat()])
        return '/chats'
      }),
    },
  },
  getChat: { answers: 200, request: inChat },
  markChatRead: { answers: 200, request: inChat },
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
  createMedia: {
    answers: 201,
    request: async () => ({
      body: { kind: 'document', mimeType: 'application/pdf', sizeBytes: 1000 },
    }),
  },
  completeMedia: {
    answers: 200,
    request: async (side) => ({ params: { mediaId: await side.uploadedFile() } }),
  },
  getMedia: {
    answers: 200,
    request: async (side) => ({ params: { mediaId: await side.storedFile() } }),
  },
  listTemplates: {
    answers: 200,
    request: async () => ({}),
    ids: { cursor: cursorOf(async () => '/provider-templates') },
  },
  syncTemplates: {
    answers: 202,
    request: async (side) => {
      await side.forgetSyncs()
      return {}
    },
  },
  acceptTemplateCategory: {
    answers: 200,
    request: async (side) => ({ params: await side.template() }),
    plain: ['language'],
  },
}
