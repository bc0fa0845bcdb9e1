import * as z from 'zod'
import type { ReportedStatus, StatusEvent } from '../../domain/channel-event.ts'
import type { HistoryProbe, ProbeAnswer } from '../../ports/history-probe.ts'
import type { Probe } from '../../ports/task-store.ts'
import type { CloudApiOptions } from './messages-call.ts'

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

/** Reads `GET /{phone number id}/message_history`, which Meta documents and few have seen answer. */
export function makeHistoryProbe(options: CloudApiOptions): HistoryProbe {
  return {
    look: async (probe) => {
      try {
        const token = await options.token(probe.sender.secretName)
        const answer = await fetch(historyUrl(options, probe), {
          headers: { authorization: `Bearer ${token}` },
          signal: AbortSignal.timeout(options.timeoutMs),
          redirect: 'error',
        })
        if (unsupportedStatuses.includes(answer.status)) return { outcome: 'unsupported' }
        return answer.ok ? read(probe, await answer.json()) : { outcome: 'unavailable' }
      } catch {
        return { outcome: 'unavailable' }
      }
    },
  }
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
