import type { RecadoApi } from './recado-api.ts'
import { until } from './timeline.ts'

const journey = ['QUEUED', 'SENDING', 'UNKNOWN', 'SENT', 'DELIVERED', 'READ']

interface Looking {
  readonly api: RecadoApi
  readonly limit: AbortSignal
  readonly chatId: string
}

/** Waits until the message has come this far; it may have come further. */
export async function shownStatus(
  { api, limit, chatId }: Looking,
  messageId: string,
  least: string,
): Promise<string> {
  const look = async () =>
    (await api.thread(limit, chatId)).find((message) => message.messageId === messageId)
  const message = await until(limit, look, {
    isEnough: (seen) =>
      journey.indexOf(seen?.status ?? '') >= journey.indexOf(least) || seen?.status === 'FAILED',
    say: (seen) => `message ${messageId} shows ${seen?.status ?? 'nothing'}`,
  })
  if (message?.status !== 'FAILED') return message?.status ?? ''
  throw new Error(`message ${messageId} is FAILED (${message.reason})`)
}
