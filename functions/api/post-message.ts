import {
  acceptedResource,
  contentOf,
  fallbackOf,
  postMessageBody,
} from '#shared/contracts/messages.ts'
import { chatIdOf } from '#shared/contracts/paging.ts'
import { config } from '#shared/runtime/config.ts'
import { http } from '#shared/runtime/http.ts'
import { postMessageEnv } from '../env.ts'
import { wirePostMessage } from '../wire.ts'

const { findClient, postMessage } = wirePostMessage(config(postMessageEnv))

export const handler = http(
  { body: postMessageBody },
  async ({ principal, params, body, requestKey }) => {
    const client = await findClient(principal)
    const chatId = chatIdOf(params)
    const { content, fallbackTemplate, ...options } = body
    const accepted = await postMessage({
      ...client,
      ...options,
      chatId,
      content: contentOf(body),
      fallback: fallbackOf(body),
      request: {
        route: 'POST /chats/{chatId}/messages',
        key: requestKey,
        body: JSON.stringify({ chatId, ...options, content, fallbackTemplate }),
      },
    })
    return {
      status: 202,
      headers: { location: `/chats/${chatId}/messages/${accepted.messageId}` },
      body: acceptedResource({ chatId, ...accepted }),
    }
  },
)
