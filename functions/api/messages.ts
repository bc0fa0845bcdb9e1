import {
  acceptedResource,
  contentOf,
  fallbackOf,
  messageResource,
} from '#shared/contracts/messages.ts'
import { messageOperations } from '#shared/contracts/operations/messages.ts'
import { config } from '#shared/runtime/config.ts'
import { api } from '#shared/runtime/http.ts'
import { messagesEnv } from '../env.ts'
import { wireMessages } from '../wire.ts'

const { findClient, listMessages, postMessage, cancelMessage } = wireMessages(config(messagesEnv))

export const handler = api(
  messageOperations,
  findClient,
)({
  listMessages: async ({ caller, params, query }) => {
    const { limit, order, cursor } = query
    const page = await listMessages(caller, params.chatId, { limit, order, cursor })
    return {
      status: 200,
      body: { items: page.items.map(messageResource), nextCursor: page.nextCursor ?? null },
    }
  },

  postMessage: async ({ caller, params: { chatId }, body, request }) => {
    const { content: _content, fallbackTemplate: _fallback, ...options } = body
    const accepted = await postMessage({
      ...caller,
      ...options,
      chatId,
      content: contentOf(body),
      fallback: fallbackOf(body),
      request,
    })
    return {
      status: 202,
      headers: { location: `/chats/${chatId}/messages/${accepted.messageId}` },
      body: acceptedResource({ chatId, ...accepted }),
    }
  },

  cancelMessage: async ({ caller, params }) => {
    await cancelMessage({ ...caller, ...params })
    return { status: 200, body: { ...params, status: 'CANCELLED' } }
  },
})
