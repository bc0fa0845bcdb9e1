import type { chatOperations } from '#shared/contracts/operations/chats.ts'
import { somebody } from '#test/support/api-side.ts'
import { fresh, freshPhone } from '#test/support/stores-world.ts'
import { cursorOf, inChat, type Row, withBody } from './row.ts'

export const chatRows: Readonly<Record<keyof typeof chatOperations, Row>> = {
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
      personId: {
        of: async (side) => (await side.chat()).personId,
        put: (_, personId) => ({ query: { personId } }),
        foreign: { status: 200 },
      },
      cursor: cursorOf(async (side) => {
        await Promise.all([side.chat(), side.chat()])
        return '/chats'
      }),
    },
  },
  getChat: { answers: 200, request: inChat },
  updateChat: {
    answers: 200,
    request: async (side) => {
      const wanted = await inChat(side)
      const { headers } = await side.ask(`GET /chats/${wanted.params?.chatId}`)
      return {
        ...withBody(wanted, { status: 'CLOSED' }),
        headers: { 'if-match': headers.get('etag') ?? '' },
      }
    },
  },
  markChatRead: { answers: 200, request: inChat },
}
