import type { Alerts } from '../ports/alerts.ts'
import type { EventSignal } from '../ports/event-signal.ts'
import type { Applied, AppliedCounts, EventStore, ItemRefused } from '../ports/event-store.ts'
import type { TaskQueue } from '../ports/task-queue.ts'
import { applyOrHalve, batchesOf } from './item-batches.ts'
import { park, type RoutedItem, type RouteParts, routeItem } from './route-webhook-item.ts'

export interface WebhookOutcome extends AppliedCounts {
  readonly items: number
  readonly woken: number
}

export interface ApplyParts extends RouteParts {
  readonly events: EventStore
  readonly queue: TaskQueue
  /** Undefined: nobody is told at once. */
  readonly signal?: EventSignal
  readonly alerts: Alerts
}

/**
 * Applies webhook items: each is translated and routed by the number it came to, then up to 1,000
 * of them go in one database call. What the database refuses is found by halving and parked with
 * its reason; the rest is applied. After each call its new tasks are woken.
 */
export function makeApplyWebhook(parts: ApplyParts) {
  return async (items: readonly unknown[]): Promise<WebhookOutcome> => {
    const routed = await Promise.all(items.map((item) => routeItem(parts, item)))
    tellUnknown(parts, routed)
    let total = nothing
    for (const batch of batchesOf(routed)) {
      const applied = await applyOrHalve(batch, {
        apply: (items) => apply(parts.events, items),
        refused: (item, error) => parkRefused(parts, item, error),
        add,
      })
      await tell(parts, applied)
      await parts.signal?.signal(tenantsIn(batch))
      total = add(total, applied)
    }
    const { wakes, alarming: _, ...counts } = total
    return { items: items.length, ...counts, woken: wakes.length }
  }
}

const nothing: Applied = {
  inboundStored: 0,
  echoesStored: 0,
  reportsStored: 0,
  newsStored: 0,
  parkedStored: 0,
  wakes: [],
  alarming: [],
}

/** What came to a number or an account of nobody is parked, for 7 days. */
function tellUnknown({ alerts }: ApplyParts, routed: readonly RoutedItem[]): void {
  const items = routed.filter(({ parked }) => parked?.reason === 'sender-unknown').length
  if (items > 0) alerts.raise('SenderUnknown', { channel: 'WHATSAPP', items })
}

function tenantsIn(batch: readonly RoutedItem[]): readonly string[] {
  return batch.flatMap(({ routed, news }) => [
    ...(routed === undefined ? [] : [routed.tenantId]),
    ...news.map(({ tenantId }) => tenantId),
  ])
}

async function tell({ queue, alerts }: ApplyParts, { wakes, alarming }: Applied): Promise<void> {
  for (const news of alarming) alerts.raise('AccountAlert', { ...news })
  if (wakes.length > 0) await queue.wake(wakes)
}

function apply(events: EventStore, batch: readonly RoutedItem[]): Promise<Applied> {
  return events.apply({
    events: batch.flatMap(({ routed }) => (routed === undefined ? [] : [routed])),
    news: batch.flatMap(({ news }) => news),
    parked: batch.flatMap(({ parked }) => (parked === undefined ? [] : [parked])),
  })
}

function parkRefused(
  { events, authorsOf }: ApplyParts,
  { raw, routed, news: [news] }: RoutedItem,
  error: ItemRefused,
): Promise<Applied> {
  // News of an account are about nobody, and may be of a tenant that has no key yet.
  const owner = routed ? { tenantId: routed.tenantId, authors: authorsOf(raw) } : news
  const parked = park(raw, `refused-${error.sqlState.toLowerCase()}`, owner)
  return events.apply({ events: [], parked: [parked] })
}

function add(one: Applied, other: Applied): Applied {
  return {
    inboundStored: one.inboundStored + other.inboundStored,
    echoesStored: one.echoesStored + other.echoesStored,
    reportsStored: one.reportsStored + other.reportsStored,
    newsStored: one.newsStored + other.newsStored,
    parkedStored: one.parkedStored + other.parkedStored,
    wakes: [...one.wakes, ...other.wakes],
    alarming: [...one.alarming, ...other.alarming],
  }
}
