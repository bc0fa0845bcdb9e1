import type {
  AlarmingNews,
  Applied,
  EventStore,
  RoutedEvent,
  RoutedPreference,
  RoutedReport,
} from '../../ports/event-store.ts'
import type { DataApi, Row } from './data-api.ts'
import { type EventParts, messageInput, preferenceInput, reportInput } from './event-inputs.ts'
import { refuseItem } from './item-refusal.ts'
import { newsInput, parkedInput } from './kept-inputs.ts'
import { number, optionalText, text } from './row-values.ts'
import { toWake } from './task-store.ts'

/** The webhook road in PostgreSQL: a batch is one call of `apply_channel_events_v2`. */
export function makeEventStore(parts: EventParts & { readonly database: DataApi }): EventStore {
  return {
    apply: async (batch) => {
      const input = await applyInput(parts, batch)
      const rows = await parts.database
        .query('select * from apply_channel_events_v2(:input::jsonb)', {
          input: JSON.stringify(input),
        })
        .catch(refuseItem)
      return toApplied(rows)
    },
  }
}

async function applyInput(
  parts: EventParts,
  { events, news, parked }: Parameters<EventStore['apply']>[0],
): Promise<unknown> {
  const messages: Promise<unknown>[] = []
  const preferences: Promise<unknown>[] = []
  const reports: Promise<unknown>[] = []
  for (const routed of events) {
    if (isReport(routed)) reports.push(reportInput(parts, routed))
    else if (isPreference(routed)) preferences.push(preferenceInput(parts, routed))
    else messages.push(messageInput(parts, routed))
  }
  return {
    messages: await Promise.all(messages),
    preferences: await Promise.all(preferences),
    reports: await Promise.all(reports),
    news: await Promise.all((news ?? []).map((item) => newsInput(parts.transit, item))),
    parked: await Promise.all(parked.map((item) => parkedInput(parts, item))),
  }
}

function isReport(routed: RoutedEvent): routed is RoutedReport {
  return routed.event.kind === 'status'
}

function isPreference(routed: RoutedEvent): routed is RoutedPreference {
  return routed.event.kind === 'preference'
}

function toApplied(rows: readonly Row[]): Applied {
  const [counts] = rows
  if (counts === undefined) throw new Error('apply_channel_events_v2 answered nothing')
  return {
    inboundStored: number(counts, 'inbound_stored'),
    echoesStored: number(counts, 'echoes_stored'),
    reportsStored: number(counts, 'reports_stored'),
    newsStored: number(counts, 'news_stored'),
    parkedStored: number(counts, 'parked_stored'),
    wakes: rows.filter((row) => row.type !== null).map(toWake),
    alarming: rows.filter((row) => row.topic !== null).map(toAlarming),
  }
}

function toAlarming(row: Row): AlarmingNews {
  return {
    tenantId: text(row, 'tenant_id'),
    topic: text(row, 'topic'),
    severity: text(row, 'severity'),
    subject: optionalText(row, 'subject'),
  }
}
