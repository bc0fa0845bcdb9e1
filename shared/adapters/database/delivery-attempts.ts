import type { Caller } from '../../domain/caller.ts'
import type { Page, PageRequest } from '../../ports/chat-store.ts'
import type { Sealer } from '../../ports/sealer.ts'
import type { DeliveryAttempt } from '../../ports/subscriptions.ts'
import { queryAs } from './client-call.ts'
import { pageOf, readCursor } from './cursor.ts'
import type { DataApi, Row } from './data-api.ts'
import { number, optionalNumber, text } from './row-values.ts'

/** Above every id. */
const newest = '9223372036854775807'

/** The calls of a subscription, newest first; undefined when there is no such subscription. */
export async function readAttempts(
  { database, sealer: sealers }: { database: DataApi; sealer: Sealer },
  { caller, subscriptionId }: { readonly caller: Caller; readonly subscriptionId: string },
  { limit, cursor }: PageRequest,
): Promise<Page<DeliveryAttempt> | undefined> {
  const sealer = await sealers.forTenant(caller.tenantId)
  const scope = `deliveries:${subscriptionId}`
  const [before = newest] = readCursor(sealer, scope, cursor) ?? []
  const rows = await queryAs(database, caller, {
    sql: readSql,
    parameters: { subscription: subscriptionId, before, limit: limit + 1 },
  })
  if (rows.length === 0) return undefined
  return pageOf(
    rows.filter((row) => row.attempt_id !== null),
    {
      ...{ limit, sealer, scope },
      cursorAfter: (row) => [text(row, 'attempt_id')],
      item: toAttempt,
    },
  )
}

const readSql = `
  select a.attempt_id::text as attempt_id, a.event_id::text as event_id, a.number, a.outcome,
    a.status_code, a.duration_ms, iso_utc(a.attempted_at) as attempted_at
  from subscriptions s
  left join lateral (
    select * from event_delivery_attempts d
    where d.tenant_id = s.tenant_id and d.subscription_id = s.subscription_id
      and d.attempt_id < :before::bigint
    order by d.attempt_id desc limit :limit::integer) a on true
  where s.tenant_id = :tenant::bigint and s.subscription_id = :subscription::bigint
  order by a.attempt_id desc`

function toAttempt(row: Row): DeliveryAttempt {
  return {
    attemptId: text(row, 'attempt_id'),
    eventId: text(row, 'event_id'),
    number: number(row, 'number'),
    outcome: text(row, 'outcome'),
    statusCode: optionalNumber(row, 'status_code'),
    durationMs: number(row, 'duration_ms'),
    attemptedAt: text(row, 'attempted_at'),
  }
}
