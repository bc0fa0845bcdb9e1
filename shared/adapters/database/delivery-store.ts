import type { Durations } from '../../domain/durations.ts'
import { failuresToHold } from '../../domain/event-delivery.ts'
import type { TenantEvent } from '../../domain/tenant-event.ts'
import type {
  DeliveryJob,
  DeliveryResult,
  DeliveryStore,
  Receiver,
} from '../../ports/event-deliveries.ts'
import type { Sealer } from '../../ports/sealer.ts'
import type { DataApi, Row } from './data-api.ts'
import { toJob } from './job-store.ts'
import { bytes, number, optionalBytes, optionalText, text } from './row-values.ts'
import { openSecret, openUrl } from './subscription-cells.ts'
import { toWake } from './task-store.ts'

/** Deliveries of events in PostgreSQL: one SQL function each way. */
export function makeDeliveryStore(parts: {
  database: DataApi
  sealer: Sealer
  waits: Durations
}): DeliveryStore {
  const { database, sealer, waits } = parts
  return {
    claim: async (request) => {
      const rows = await database.query('select * from claim_event_deliveries_v1(:input::jsonb)', {
        input: JSON.stringify({ ...request, leaseSeconds: waits.leaseSeconds }),
      })
      return Promise.all(rows.map((row) => toDeliveryJob(sealer, row)))
    },
    settle: async (results) => {
      const rows = await database.query('select * from settle_event_deliveries_v1(:input::jsonb)', {
        input: JSON.stringify({
          failuresToHold,
          holdSeconds: waits.eventHoldSeconds,
          holdCapSeconds: waits.eventHoldCapSeconds,
          jobs: results.map(settledInput),
        }),
      })
      return rows.map(toWake)
    },
  }
}

async function toDeliveryJob(sealer: Sealer, row: Row): Promise<DeliveryJob> {
  const events = JSON.parse(text(row, 'events')) as readonly TenantEvent[]
  return {
    ...toJob(row),
    events,
    triedSeconds: number(row, 'tried_seconds'),
    to: events.length === 0 ? 'nothing-left' : await toReceiver(sealer, row),
  }
}

/** A claimed row must never throw: its neighbours are claimed too. */
async function toReceiver(sealers: Sealer, row: Row): Promise<DeliveryJob['to']> {
  const { eventIds } = JSON.parse(text(row, 'payload'))
  if (eventIds !== undefined) return 'bus'
  const subscriptionId = optionalText(row, 'subscription_id')
  if (subscriptionId === undefined) return 'nothing-left'
  if (text(row, 'status') === 'PAUSED') return 'paused'
  try {
    const sealer = await sealers.forTenant(text(row, 'tenant_id'))
    const previous = optionalBytes(row, 'previous_secret')
    return {
      subscriptionId,
      url: openUrl(sealer, bytes(row, 'url'), text(row, 'url_row_token')),
      secrets: [
        openSecret(sealer, bytes(row, 'secret'), text(row, 'secret_row_token')),
        ...(previous === undefined
          ? []
          : [openSecret(sealer, previous, text(row, 'previous_secret_row_token'))]),
      ],
      heldSeconds: number(row, 'held_seconds'),
      failingSeconds: number(row, 'failing_seconds'),
    } satisfies Receiver
  } catch {
    return 'unreadable'
  }
}

function settledInput({
  job: { tenantId, taskId, fence },
  result,
}: {
  readonly job: DeliveryJob
  readonly result: DeliveryResult
}): unknown {
  return { tenantId, taskId, fence, ...result }
}
