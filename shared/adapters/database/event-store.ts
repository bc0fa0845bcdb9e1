import { createHash } from 'node:crypto'
import type { InboundEvent, StatusEvent } from '../../domain/channel-event.ts'
import {
  type EventStore,
  ItemRefused,
  type ParkedItem,
  type RoutedEvent,
} from '../../ports/event-store.ts'
import type { Randomness } from '../../ports/randomness.ts'
import type { Sealer, TenantSealer, TransitSealer } from '../../ports/sealer.ts'
import { type DataApi, DatabaseError } from './data-api.ts'
import { number } from './row-values.ts'
import { base64, type SealedIdentity, sealContent, sealIdentity } from './sealed-cells.ts'

interface Parts {
  readonly database: DataApi
  readonly sealer: Sealer
  readonly transit: TransitSealer
  readonly randomness: Randomness
}

/** Classes of SQLState that name the values at fault: data exception, integrity, row too big. */
const dataStates = /^(22|23|54)/

/** The webhook road in PostgreSQL: a batch is one call of `apply_channel_events_v1`. */
export function makeEventStore(parts: Parts): EventStore {
  return {
    apply: async ({ events, parked }) => {
      const input = {
        inbound: await Promise.all(
          events.filter(isInbound).map((routed) => withSealer(parts, routed, inboundInput)),
        ),
        reports: await Promise.all(
          events.filter(isReport).map((routed) => withSealer(parts, routed, reportInput)),
        ),
        parked: await Promise.all(parked.map((item) => parkedInput(parts.transit, item))),
      }
      const [row] = await parts.database
        .query('select * from apply_channel_events_v1(:input::jsonb)', {
          input: JSON.stringify(input),
        })
        .catch(refuseItem)
      if (row === undefined) throw new Error('apply_channel_events_v1 answered nothing')
      return {
        inboundStored: number(row, 'inbound_stored'),
        reportsStored: number(row, 'reports_stored'),
        parkedStored: number(row, 'parked_stored'),
      }
    },
  }
}

function refuseItem(error: unknown): never {
  if (error instanceof DatabaseError && dataStates.test(error.sqlState)) {
    throw new ItemRefused(error.sqlState)
  }
  throw error
}

type Inbound = RoutedEvent & { readonly event: InboundEvent }
type Report = RoutedEvent & { readonly event: StatusEvent }

function isInbound(routed: RoutedEvent): routed is Inbound {
  return routed.event.kind === 'inbound'
}

function isReport(routed: RoutedEvent): routed is Report {
  return routed.event.kind === 'status'
}

async function withSealer<T extends RoutedEvent>(
  parts: Parts,
  routed: T,
  input: (routed: T, sealer: TenantSealer, randomness: Randomness) => unknown,
): Promise<unknown> {
  return input(routed, await parts.sealer.forTenant(routed.tenantId), parts.randomness)
}

function inboundInput(
  { tenantId, senderId, event }: Inbound,
  sealer: TenantSealer,
  randomness: Randomness,
): unknown {
  const rowToken = randomness.uuid()
  const nameToken = randomness.uuid()
  const nameCell = { table: 'persons', column: 'name', rowToken: nameToken }
  return {
    tenantId,
    senderId,
    channel: event.channel,
    providerMessageId: event.providerMessageId,
    identities: identitiesOf(event.from, sealer, randomness),
    name: event.from.name && base64(sealer.seal(nameCell, event.from.name)),
    nameToken,
    occurredAt: event.occurredAt,
    contentType: event.content.type,
    content: sealContent(sealer, event.content, rowToken),
    rowToken,
    replyTo: event.replyTo,
  }
}

function identitiesOf(
  from: InboundEvent['from'],
  sealer: TenantSealer,
  randomness: Randomness,
): SealedIdentity[] {
  const known = [
    { kind: 'phone', value: from.waId && `+${from.waId}` },
    { kind: 'user-id', value: from.userId },
  ] as const
  return known.flatMap(({ kind, value }) =>
    value ? [sealIdentity(sealer, { kind, value, rowToken: randomness.uuid() })] : [],
  )
}

function reportInput(
  { tenantId, event }: Report,
  sealer: TenantSealer,
  randomness: Randomness,
): unknown {
  const rowToken = randomness.uuid()
  const { failure } = event
  const cell = { table: 'message_status', column: 'detail', rowToken }
  return {
    tenantId,
    channel: event.channel,
    providerMessageId: event.providerMessageId,
    status: event.status,
    occurredAt: event.occurredAt,
    attemptId: event.attemptId,
    reason: failure?.reason ?? (event.status === 'FAILED' ? 'unknown-error' : undefined),
    code: failure?.code,
    // The provider's own words may quote the recipient.
    detail:
      failure &&
      base64(sealer.seal(cell, JSON.stringify({ title: failure.title, detail: failure.detail }))),
    rowToken,
  }
}

/** The hash only finds copies of an item; what makes it hard to guess is the provider's own id. */
async function parkedInput(transit: TransitSealer, item: ParkedItem): Promise<unknown> {
  const raw = JSON.stringify(item.raw) ?? 'null'
  const hash = createHash('sha256').update(`${item.reason}\n${raw}`).digest('base64')
  return {
    tenantId: item.tenantId,
    channel: item.channel,
    reason: item.reason,
    hash,
    raw: await transit.seal(`parked_items|${item.tenantId}|${hash}`, raw),
  }
}
