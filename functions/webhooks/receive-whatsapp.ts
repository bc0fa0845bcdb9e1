import { config } from '#shared/runtime/config.ts'
import { jsonOrText, webhook } from '#shared/runtime/door.ts'
import { log } from '#shared/runtime/log.ts'
import { webhookEnv } from '../env.ts'
import { wireReceiveWebhook } from '../wire.ts'

/** Meta sends 3 MB at most; above 4 MiB it is nobody we know. */
const mostBytes = 4 * 1024 * 1024
const { isSigned, receive } = wireReceiveWebhook(config(webhookEnv))

/** Answers 200 once the items are durable; anything else makes Meta send again. */
export const handler = webhook(async ({ rawBody, headers }) => {
  if (rawBody.byteLength > mostBytes) return { status: 413, text: 'too large' }
  if (!(await isSigned(rawBody, headers['x-hub-signature-256']))) {
    return { status: 401, text: 'signature refused' }
  }
  const { items } = await receive(jsonOrText(rawBody))
  log.info('webhook taken', { items })
  return { status: 200, text: 'ok' }
})
