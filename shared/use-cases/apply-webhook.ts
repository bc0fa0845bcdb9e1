import type { ChannelEvent } from '../domain/channel-event.ts'
import type { Directory } from '../ports/directory.ts'
import {
  type AppliedCounts,
  type EventStore,
  ItemRefused,
  type ParkedItem,
  type RoutedEvent,
} from '../ports/event-store.ts'

/** Items of nobody we know belong to the deployment itself. */
const deploymentTenantId = '0'
const mostItems = 1000
/** Of parameters; a sealed item is about half again as large as its JSON. */
const mostBytes = 1_300_000
/** No message of a person is that large, and a call takes 4 MiB in base64: its beginning is kept. */
const mostItemLength = 500_000

interface Applicable {
  readonly raw: unknown
  readonly routed: RoutedEvent | undefined
  readonly parked: ParkedItem | undefined
}

export interface WebhookOutcome extends AppliedCounts {
  readonly items: number
}

/**
 * Applies webhook items: each is translated and routed by the number it came to, then up to 1,000
 * of them go in one database call. What the database refuses is found by halving and parked with
 * its reason; the rest is applied.
 */
export function makeApplyWebhook(parts: {
  events: EventStore
  directory: Directory
  translate: (item: unknown) => ChannelEvent
}) {
  return async (items: readonly unknown[]): Promise<WebhookOutcome> => {
    const applicable = await Promise.all(items.map((item) => route(parts, item)))
    let total = { inboundStored: 0, reportsStored: 0, parkedStored: 0 }
    for (const batch of batchesOf(applicable)) {
      total = add(total, await applyOrHalve(parts.events, batch))
    }
    return { items: items.length, ...total }
  }
}

async function route(
  { directory, translate }: { directory: Directory; translate: (item: unknown) => ChannelEvent },
  raw: unknown,
): Promise<Applicable> {
  const json = JSON.stringify(raw) ?? 'null'
  if (json.length > mostItemLength) {
    const beginning = json.slice(0, mostItemLength).toWellFormed()
    return { raw: beginning, routed: undefined, parked: park(beginning, 'too-large') }
  }
  const event = translate(raw)
  const { phoneNumberId, wabaId } = event.sender
  const found =
    phoneNumberId === undefined ? undefined : await directory.whatsAppSender(phoneNumberId)
  const known = found?.wabaId === wabaId ? found : undefined
  // A tenant whose keys are still being made cannot seal: its items wait, not everybody's.
  const sender = known && (await directory.tenant(known.tenantId)) ? known : undefined
  if (event.kind === 'other' || sender === undefined) {
    const reason = event.kind === 'other' ? event.reason : 'sender-unknown'
    return { raw, routed: undefined, parked: park(raw, reason, sender?.tenantId) }
  }
  const { tenantId, senderId } = sender
  return { raw, routed: { tenantId, senderId, event } as RoutedEvent, parked: undefined }
}

function park(raw: unknown, reason: string, tenantId = deploymentTenantId): ParkedItem {
  return { tenantId, channel: 'WHATSAPP', reason, raw }
}

async function applyOrHalve(
  events: EventStore,
  batch: readonly Applicable[],
): Promise<AppliedCounts> {
  try {
    return await events.apply({
      events: batch.flatMap(({ routed }) => (routed === undefined ? [] : [routed])),
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
  { raw, routed }: Applicable,
  error: ItemRefused,
): Promise<AppliedCounts> {
  const parked = park(raw, `refused-${error.sqlState.toLowerCase()}`, routed?.tenantId)
  return events.apply({ events: [], parked: [parked] })
}

function batchesOf(items: readonly Applicable[]): readonly (readonly Applicable[])[] {
  const batches: Applicable[][] = []
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

function add(one: AppliedCounts, other: AppliedCounts): AppliedCounts {
  return {
    inboundStored: one.inboundStored + other.inboundStored,
    reportsStored: one.reportsStored + other.reportsStored,
    parkedStored: one.parkedStored + other.parkedStored,
  }
}
