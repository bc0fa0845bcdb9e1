import { config } from '#shared/runtime/config.ts'
import { webhook } from '#shared/runtime/door.ts'
import { verifyWebhookEnv } from '../env.ts'
import { wireVerifyWebhook } from '../wire.ts'

const isVerified = wireVerifyWebhook(config(verifyWebhookEnv))

/** Meta's handshake: the raw challenge back, as text, for a right verify token. */
export const handler = webhook(async ({ query }) => {
  const challenge = query['hub.challenge']
  const right =
    query['hub.mode'] === 'subscribe' &&
    challenge !== undefined &&
    (await isVerified(query['hub.verify_token']))
  return right ? { status: 200, text: challenge } : { status: 403, text: 'forbidden' }
})
