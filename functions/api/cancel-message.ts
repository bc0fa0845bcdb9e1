import { chatIdOf, messageIdOf } from '#shared/contracts/paging.ts'
import { config } from '#shared/runtime/config.ts'
import { http } from '#shared/runtime/http.ts'
import { postMessageEnv } from '../env.ts'
import { wirePostMessage } from '../wire.ts'

const { findClient, cancelMessage } = wirePostMessage(config(postMessageEnv))

export const handler = http({}, async ({ principal, params }) => {
  const { tenantId } = await findClient(principal)
  const message = { chatId: chatIdOf(params), messageId: messageIdOf(params) }
  await cancelMessage({ tenantId, ...message })
  return { status: 200, body: { ...message, status: 'CANCELLED' } }
})
