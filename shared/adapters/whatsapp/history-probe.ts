import * as z from 'zod'
import type { ReportedStatus, StatusEvent } from '../../domain/channel-event.ts'
import type { HistoryProbe, ProbeAnswer } from '../../ports/history-probe.ts'
import type { Probe } from '../../ports/task-store.ts'
import { type CloudApiOptions, isHeaderSafe, readToken, renewedToken } from './messages-call.ts'

const fields = 'id,message_id,events{delivery_status,timestamp}'
const statuses: Readonly<Record<string, ReportedStatus>> = {
  SENT: 'SENT',
  DELIVERED: 'DELIVERED',
  READ: 'READ',
  FAILED: 'FAILED',
}
/** What Meta answers where it has no history for the number (facts: status check). */
const unsupportedStatuses: readonly number[] = [400, 403, 404]

const history = z.looseObject({
  data: z.array(
    z.looseObject({
      events: z
        .looseObject({
          data: z.array(
            z.looseObject({ delivery_status: z.string(), timestamp: z.coerce.number() }),
          ),
        })
        .optional(),
    }),
  ),
})

/**
 * Reads `GET /{phone number id}/message_history`, which Meta documents and few have seen answer.
 * Nobody asks a second time: a token that is refused is read anew at once, and the question repeated.
 */
export function makeHistoryProbe(options: CloudApiOptions): HistoryProbe {
  return {
    look: async (probe) => {
      try {
        const answer = await ask(options, probe)
        if (unsupportedStatuses.includes(answer.status)) return { outcome: 'unsupported' }
        return answer.ok ? read(probe, await answer.json()) : { outcome: 'unavailable' }
      } catch {
        return { outcome: 'unavailable' }
      }
    },
  }
}

async function ask(options: CloudApiOptions, probe: Probe): Promise<Response> {
  const { secretName } = probe.sender
  const signal = AbortSignal.timeout(options.timeoutMs)
  const askWith = (token: string) =>
    fetch(historyUrl(options, probe), {
      headers: { authorization: `Bearer ${token}` },
      signal,
      redirect: 'error',
    })
  const token = await readToken(options, secretName)
  if (!isHeaderSafe(token)) throw new Error('the sender has no token')
  const first = await askWith(token)
  if (first.status !== 401) return first
  const renewed = await renewedToken(options, secretName, token)
  if (renewed === undefined) return first
  await first.body?.cancel()
  return askWith(renewed)
}

function historyUrl(options: CloudApiOptions, probe: Probe): URL {
  const base = options.graphUrl.replace(/\/+$/, '')
  const number = encodeURIComponent(probe.sender.phoneNumberId)
  const url = new URL(`${base}/${options.version}/${number}/message_history`)
  url.search = new URLSearchParams({
    message_id: probe.providerMessageId,
    fields,
    limit: '25',
  }).toString()
  return url
}

function read(probe: Probe, body: unknown): ProbeAnswer {
  const parsed = history.safeParse(body)
  if (!parsed.success) return { outcome: 'unavailable' }
  const events = parsed.data.data.flatMap((message) => message.events?.data ?? [])
  return {
    outcome: 'events',
    events: events.flatMap(({ delivery_status, timestamp }) => {
      const status = statuses[delivery_status]
      return status === undefined ? [] : [toEvent(probe, status, timestamp)]
    }),
  }
}

function toEvent(probe: Probe, status: ReportedStatus, timestamp: number): StatusEvent {
  const { phoneNumberId, wabaId } = probe.sender
  return {
    kind: 'status',
    channel: 'WHATSAPP',
    sender: { phoneNumberId, wabaId },
    providerMessageId: probe.providerMessageId,
    status,
    occurredAt: new Date(timestamp * 1000).toISOString(),
  }
}
