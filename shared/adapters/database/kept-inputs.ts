import { createHash } from 'node:crypto'
import type { ParkedItem, RoutedNews } from '../../ports/event-store.ts'
import type { Sealer, TransitSealer } from '../../ports/sealer.ts'
import { authorsInput } from './author-cells.ts'

/** What a list of the Data API can still show: a row has 64 KB, twice in base64. */
const mostRawLength = 10_000

/** What a kept account event is bound to. */
export function accountEventPlace(tenantId: string, hash: string): string {
  return `account_events|${tenantId}|${hash}`
}

/** The hash finds copies; what tells no time of its own is news again the next day. */
export async function newsInput(
  transit: TransitSealer,
  { tenantId, event }: RoutedNews,
): Promise<unknown> {
  const raw = JSON.stringify(event.raw) ?? 'null'
  const hash = digest(`${event.topic}\n${event.occurredAt.slice(0, 10)}\n${raw}`)
  const kept = raw.length > mostRawLength ? JSON.stringify(raw.slice(0, mostRawLength)) : raw
  return {
    tenantId,
    channel: event.channel,
    topic: event.topic,
    severity: event.severity,
    subject: event.subject,
    hash,
    raw: await transit.seal(accountEventPlace(tenantId, hash), kept.toWellFormed()),
    occurredAt: event.occurredAt,
    template: event.template,
  }
}

/** The hash only finds copies of an item; what makes it hard to guess is the provider's own id. */
export async function parkedInput(
  { transit, sealer }: { readonly transit: TransitSealer; readonly sealer: Sealer },
  item: ParkedItem,
): Promise<Readonly<Record<string, unknown>>> {
  const raw = JSON.stringify(item.raw) ?? 'null'
  const hash = digest(`${item.reason}\n${raw}`)
  return {
    tenantId: item.tenantId,
    channel: item.channel,
    reason: item.reason,
    hash,
    raw: await transit.seal(`parked_items|${item.tenantId}|${hash}`, raw),
    authors: await authorsInput(sealer, item.tenantId, item.authors),
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64')
}
