import type { ChannelEvent } from '../domain/channel-event.ts'
import type { Alerts } from '../ports/alerts.ts'
import type { Directory } from '../ports/directory.ts'
import type { EventSignal } from '../ports/event-signal.ts'
import {
  type Applied,
  type AppliedCounts,
  type EventStore,
  ItemRefused,
} from '../ports/event-store.ts'
import type { TaskQueue } from '../ports/task-queue.ts'
import { park, type RoutedItem, routeItem } from './route-webhook-item.ts'

const mostItems = 1000
/** Of parameters; a sealed item is about half again as large as its JSON. */
const mostBytes = 1_300_000

export interface WebhookOutcome extends AppliedCounts {
  readonly items: number
  readonly woken: number
}

export interface ApplyParts {
  readonly events: EventStore
  readonly directory: Directory
  readonly queue: TaskQueue
  /** Undefined: nobody is told at once. */
  readonly signal?: EventSignal
  readonly alerts: Alerts
  readonly translate: (item: unknown) => ChannelEvent
}

/**
 * Applies webhook items: each is translated and routed by the number it came to, then up to 1,000
 * of them go in one database call. What the database refuses is found by halving and parked with
 * its reason; the rest is applied. After each call its new tasks are woken.
 */
export function makeApplyWebhook(parts: ApplyParts) {
  return async (items: readonly unknown[]): Promise<WebhookOutcome> => {
    const routed = await Promise.all(items.map((item) => routeItem(parts, item)))
    let total = nothing
    for (const batch of batchesOf(routed)) {
      const applied = await applyOrHalve(parts.events, batch)
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

async function applyOrHalve(events: EventStore, batch: readonly RoutedItem[]): Promise<Applied> {
  try {
    return await events.apply({
      events: batch.flatMap(({ routed }) => (routed === undefined ? [] : [routed])),
      news: batch.flatMap(({ news }) => news),
      parked: batch.flatMap(({ parked }) => (parked === undefined ? [] : [parked])),
    })
  } catch (error) {
    if (!(error instanceof ItemRefused)) throw error
    const [only, ...others] = batch
    if (only !== undefined && others.length === 0) return parkRefused(events, only, error)
    const middle = Math.ceil(batch.length / 2)
    const first = await applyOrHalve(events, batch.slice(0, middle))
    return add(first, await applyOrHalve(events, batch.slice(middle)))
  }
}

function parkRefused(
  events: EventStore,
  { raw, routed, news }: RoutedItem,
  error: ItemRefused,
): Promise<Applied> {
  const tenantId = routed?.tenantId ?? news[0]?.tenantId
  const parked = park(raw, `refused-${error.sqlState.toLowerCase()}`, tenantId)
  return events.apply({ events: [], parked: [parked] })
}

function batchesOf(items: readonly RoutedItem[]): readonly (readonly RoutedItem[])[] {
  const batches: RoutedItem[][] = []
  let bytes = 0
  for (const item of items) {
    const size = new TextEncoder().encode(JSON.stringify(item.raw) ?? '').length
    const batch = batches.at(-1)
    if (batch === undefined || batch.length === mostItems || bytes + size > mostBytes) {
      batches.push([item])
      bytes = size
    } else {
      batch.push(item)
      bytes += size
    }
  }
  return batches
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
