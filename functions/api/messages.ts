import * as desk from '#shared/contracts/message-desk.ts'
import * as shown from '#shared/contracts/messages.ts'
import { messageOperations } from '#shared/contracts/operations/messages.ts'
import { wishOf } from '#shared/contracts/post-message.ts'
import { config } from '#shared/runtime/config.ts'
import { api } from '#shared/runtime/http.ts'
import { refusalProblem } from '#shared/runtime/problems.ts'
import { messagesEnv } from '../env.ts'
import { wireMessages } from '../wire-messages.ts'

const { findClient, ...use } = wireMessages(config(messagesEnv))

export const handler = api(
  messageOperations,
  findClient,
)({
  listMessages: async ({ caller, params, query: { limit, order, cursor } }) => {
    const page = await use.listMessages(caller, params.chatId, { limit, order, cursor })
    return { status: 200, body: shown.messagePageResource(page) }
  },

  getMessage: async ({ caller, params }) => {
    const read = await use.readMessage(caller, params)
    return { status: 200, body: desk.messageDetailResource(read) }
  },

  postMessage: async ({ caller, params: { chatId }, body, request }) =>
    queued(chatId, await use.postMessage({ ...caller, ...wishOf(body), chatId, request })),

  postMessages: async ({ caller, body, request }) => {
    const messages = body.messages.map(wishOf)
    const posted = await use.postMessages({ ...caller, messages, request })
    return { status: 200, body: desk.postedResource(posted, refusalProblem) }
  },

  checkMessage: async ({ caller, params, body }) => {
    const wish = { ...wishOf(body), ...params }
    const checked = { ...(await use.checkMessage({ ...caller, ...wish })), channel: wish.channel }
    return { status: 200, body: desk.checkedResource(checked, refusalProblem) }
  },

  resendMessage: async ({ caller, params, body, request }) =>
    queued(params.chatId, await use.resendMessage({ ...caller, ...params, ...body, request })),

  cancelMessage: async ({ caller, params }) => {
    await use.cancelMessage({ ...caller, ...params })
    return { status: 200, body: { ...params, status: 'CANCELLED' } }
  },

  deleteMessage: async ({ caller, params }) => {
    const tombstone = await use.deleteMessage({ ...caller, ...params })
    return { status: 200, body: shown.messageResource(tombstone) }
  },
})

function queued(chatId: string, accepted: { messageId: string; acceptedAt: string }) {
  const headers = { location: `/chats/${chatId}/messages/${accepted.messageId}` }
  return { status: 202, headers, body: shown.acceptedResource({ chatId, ...accepted }) } as const
}
