import type { Author } from '../domain/author.ts'
import type { BusinessEvent } from '../domain/business-event.ts'
import { deploymentTenantId } from '../domain/deployment.ts'
import type { Alerts } from '../ports/alerts.ts'
import type {
  AppliedBusinessCounts,
  AppliedBusinessEvents,
  BusinessEventStore,
  RoutedBusinessEvent,
} from '../ports/business-event-store.ts'
import type { BillingDirectory, Directory } from '../ports/directory.ts'
import type { EventSignal } from '../ports/event-signal.ts'
import type { ItemRefused, ParkedItem } from '../ports/event-store.ts'
import type { TaskQueue } from '../ports/task-queue.ts'
import { applyOrHalve, batchesOf } from './item-batches.ts'

/** An event as a queue brought it: of a tenant that the API knew, or of a source on the bus. */
export interface BroughtEvent {
  readonly raw: unknown
  readonly from: { readonly tenantId: string } | { readonly source: string } | undefined
  /** Undefined: nobody can read it. */
  readonly event: BusinessEvent | undefined
  /** Whom it names, although nobody can read it. */
  readonly authors: readonly Author[]
}

export interface BusinessOutcome extends AppliedBusinessCounts {
  readonly events: number
  readonly woken: number
}

export interface ApplyBusinessParts {
  readonly events: BusinessEventStore
  readonly directory: Pick<Directory, 'tenant'> & Pick<BillingDirectory, 'tenantOfSource'>
  readonly queue: TaskQueue
  readonly signal: EventSignal
  readonly alerts: Alerts
}

/** One event with what is to be stored of it: one of the two; neither while its tenant is not known. */
interface Routed {
  readonly raw: unknown
  readonly authors: readonly Author[]
  readonly routed: RoutedBusinessEvent | undefined
  readonly parked: ParkedItem | undefined
}

/**
 * Applies what finance systems tell, up to 1,000 events in one database call, and wakes what follows.
 * What cannot be read, is of nobody we know, or is refused by the database is parked with its reason;
 * the rest is applied. Throws after that when the API took events of a tenant that is not known here
 * yet: they come again.
 */
export function makeApplyBusinessEvents(parts: ApplyBusinessParts) {
  return async (brought: readonly BroughtEvent[]): Promise<BusinessOutcome> => {
    const routed = await Promise.all(brought.map((each) => route(parts.directory, each)))
    let total = nothing
    for (const batch of batchesOf(routed.filter((each) => !isUnrouted(each)))) {
      const applied = await applyOrHalve(batch, {
        apply: (items) => apply(parts.events, items),
        refused: (item, error) => parkRefused(parts.events, item, error),
        add,
      })
      await tell(parts, batch, applied)
      total = add(total, applied)
    }
    if (routed.some(isUnrouted)) throw new Error('events of a tenant that is not known here yet')
    const { wakes, ...counts } = total
    return { events: brought.length, ...counts, woken: wakes.length }
  }
}

const nothing: AppliedBusinessEvents = {
  applied: 0,
  stale: 0,
  copies: 0,
  conflicts: 0,
  contactsTaken: 0,
  cancelled: 0,
  raced: 0,
  parkedStored: 0,
  wakes: [],
}

async function route(
  directory: ApplyBusinessParts['directory'],
  { raw, from, event, authors }: BroughtEvent,
): Promise<Routed> {
  const tenantId = await tenantIdOf(directory, from)
  if (tenantId === undefined) {
    // The API knew the tenant; a directory that was just loaded may not.
    if (from !== undefined && 'tenantId' in from)
      return { raw, authors, routed: undefined, parked: undefined }
    const reason = from === undefined ? 'tenant-unknown' : 'source-unknown'
    return { raw, authors, routed: undefined, parked: park(raw, reason) }
  }
  if (event === undefined) {
    const parked = park(raw, 'invalid-business-event', { tenantId, authors })
    return { raw, authors, routed: undefined, parked }
  }
  return { raw, authors, routed: { tenantId, event }, parked: undefined }
}

function isUnrouted({ routed, parked }: Routed): boolean {
  return routed === undefined && parked === undefined
}

async function tenantIdOf(
  directory: ApplyBusinessParts['directory'],
  from: BroughtEvent['from'],
): Promise<string | undefined> {
  if (from === undefined) return undefined
  if ('source' in from) return directory.tenantOfSource(from.source)
  return (await directory.tenant(from.tenantId))?.tenantId
}

async function tell(
  { queue, signal, alerts }: ApplyBusinessParts,
  batch: readonly Routed[],
  { wakes, parkedStored, cancelled }: AppliedBusinessEvents,
): Promise<void> {
  if (parkedStored > 0) alerts.raise('BusinessEventParked', { events: parkedStored })
  if (wakes.length > 0) await queue.wake(wakes)
  if (cancelled > 0) await signal.signal(batch.flatMap(({ routed }) => routed?.tenantId ?? []))
}

function apply(
  store: BusinessEventStore,
  items: readonly Routed[],
): Promise<AppliedBusinessEvents> {
  return store.apply({
    events: items.flatMap(({ routed }) => routed ?? []),
    parked: items.flatMap(({ parked }) => parked ?? []),
  })
}

function parkRefused(
  store: BusinessEventStore,
  { raw, authors, routed }: Routed,
  error: ItemRefused,
): Promise<AppliedBusinessEvents> {
  const owner = routed && { tenantId: routed.tenantId, authors }
  const parked = park(raw, `refused-${error.sqlState.toLowerCase()}`, owner)
  return store.apply({ events: [], parked: [parked] })
}

function park(
  raw: unknown,
  reason: string,
  owner: Pick<ParkedItem, 'tenantId' | 'authors'> = { tenantId: deploymentTenantId },
): ParkedItem {
  return { ...owner, channel: 'BILLING', reason, raw }
}

function add(one: AppliedBusinessEvents, other: AppliedBusinessEvents): AppliedBusinessEvents {
  return {
    applied: one.applied + other.applied,
    stale: one.stale + other.stale,
    copies: one.copies + other.copies,
    conflicts: one.conflicts + other.conflicts,
    contactsTaken: one.contactsTaken + other.contactsTaken,
    cancelled: one.cancelled + other.cancelled,
    raced: one.raced + other.raced,
    parkedStored: one.parkedStored + other.parkedStored,
    wakes: [...one.wakes, ...other.wakes],
  }
}
