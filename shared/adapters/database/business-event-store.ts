import type { BusinessEventOutcome } from '../../domain/business-event.ts'
import type { Durations } from '../../domain/durations.ts'
import type { RefusalCode } from '../../domain/errors.ts'
import type {
  AppliedBusinessEvents,
  BusinessEventStore,
  ReceiveAnswer,
  RoutedBusinessEvent,
} from '../../ports/business-event-store.ts'
import type { Randomness } from '../../ports/randomness.ts'
import type { Sealer, TransitSealer } from '../../ports/sealer.ts'
import { toldInput } from './business-cells.ts'
import { callAs, queryAs } from './client-call.ts'
import type { DataApi, Row } from './data-api.ts'
import { refuseItem } from './item-refusal.ts'
import { parkedInput } from './kept-inputs.ts'
import { sealRequestKey } from './request-key.ts'
import { number, optionalNumber, text } from './row-values.ts'
import { toWake } from './task-store.ts'

interface Parts {
  readonly database: DataApi
  readonly sealer: Sealer
  readonly transit: TransitSealer
  readonly randomness: Randomness
  readonly waits: Durations
}

/** Business events in PostgreSQL: a batch is one call of `apply_business_events_v1`. */
export function makeBusinessEventStore(parts: Parts): BusinessEventStore {
  const { database, sealer: sealers, waits } = parts
  return {
    receive: async ({ request, ...caller }) => {
      const { tenantId, clientId } = caller
      const sealer = await sealers.forTenant(tenantId)
      const [row] = await callAs(database, caller, {
        name: 'receive_business_events_v1',
        input: { tenantId, clientId, ...sealRequestKey(sealer, request) },
      })
      return receiveAnswer(row)
    },
    apply: async ({ events, parked }) => {
      const input = {
        patienceSeconds: waits.patienceSeconds,
        events: await Promise.all(events.map((routed) => eventInput(parts, routed))),
        parked: await Promise.all(parked.map((item) => parkedInput(parts, item))),
      }
      const rows = await database
        .query('select * from apply_business_events_v1(:input::jsonb)', {
          input: JSON.stringify(input),
        })
        .catch(refuseItem)
      return toApplied(rows)
    },
    find: async (caller, eventId) => {
      const [row] = await queryAs(database, caller, {
        sql: `select jsonb_build_object('eventId', b.event_id, 'type', b.type,
            'thingId', b.thing_id, 'version', b.version, 'outcome', b.outcome,
            'notice', b.notice, 'copies', b.copies, 'conflicts', b.conflicts,
            'occurredAt', iso_utc(b.occurred_at), 'appliedAt', iso_utc(b.created_at))::text as event
          from business_events b
          where b.tenant_id = :tenant::bigint and b.event_id = :event`,
        parameters: { event: eventId },
      })
      return row && (JSON.parse(text(row, 'event')) as BusinessEventOutcome)
    },
  }
}

function receiveAnswer(row: Row): ReceiveAnswer {
  const outcome = text(row, 'outcome')
  if (outcome === 'go' || outcome === 'replayed') return { outcome: 'go' }
  return {
    outcome: 'refused',
    code: (outcome === 'key-mismatch' ? 'idempotency-key-mismatch' : outcome) as RefusalCode,
    retryAfterSeconds: optionalNumber(row, 'retry_after_seconds'),
  }
}

async function eventInput(
  { sealer: sealers, randomness }: Parts,
  { tenantId, event }: RoutedBusinessEvent,
): Promise<unknown> {
  const { eventId, type, version, occurredAt } = event
  const sealer = await sealers.forTenant(tenantId)
  return { tenantId, eventId, type, version, occurredAt, ...toldInput(sealer, randomness, event) }
}

function toApplied(rows: readonly Row[]): AppliedBusinessEvents {
  const [counts, ...wakes] = rows
  if (counts === undefined) throw new Error('apply_business_events_v1 answered nothing')
  return {
    applied: number(counts, 'applied'),
    stale: number(counts, 'stale'),
    copies: number(counts, 'copies'),
    conflicts: number(counts, 'conflicts'),
    contactsTaken: number(counts, 'contacts_taken'),
    cancelled: number(counts, 'cancelled'),
    raced: number(counts, 'raced'),
    parkedStored: number(counts, 'parked_stored'),
    wakes: wakes.map(toWake),
  }
}
