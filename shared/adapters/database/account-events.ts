import type { TransitSealer } from '../../ports/sealer.ts'
import type { DataApi, Row } from './data-api.ts'
import { accountEventPlace } from './kept-inputs.ts'
import { bytes, optionalBytes, optionalText, text } from './row-values.ts'
import { base64 } from './sealed-cells.ts'

/** What a provider told of an account, a number or a template, opened. */
interface KeptAccountEvent {
  readonly accountEventId: string
  readonly tenantId: string
  readonly topic: string
  readonly severity: string
  readonly subject: string | undefined
  readonly occurredAt: string
  readonly acknowledgedAt: string | undefined
  /** The webhook's item as it came; null once the cleanup has taken it. */
  readonly details: unknown
}

export interface AccountEvents {
  /** Newest first. Without `withAll` only warnings that nobody has acknowledged. */
  list(filter: {
    readonly tenantId: string | undefined
    readonly withAll: boolean
    readonly limit: number
  }): Promise<readonly KeptAccountEvent[]>
  /** False when there is none of this id. A second time changes nothing. */
  acknowledge(accountEventId: string): Promise<boolean>
}

/** Under the Data API's 1 MiB a result, base64 included. */
const resultBytes = 700_000

const listSql = `select account_event_id::text as id, tenant_id::text, kind, severity, subject,
    iso_utc(occurred_at) as occurred_at, iso_utc(acknowledged_at) as acknowledged_at, event_hash,
    raw
  from (
    select e.*, sum(coalesce(octet_length(e.raw), 0) + 300) over (order by e.account_event_id desc) as total
    from (
      select * from account_events
      where (:tenant::bigint is null or tenant_id = :tenant::bigint)
        and (:all::boolean or (acknowledged_at is null and severity <> 'info'))
      order by account_event_id desc limit :limit::integer) e) shown
  where total <= :bytes
  order by account_event_id desc`

/** The rows of account events, for operators. */
export function makeAccountEvents(database: DataApi, transit: TransitSealer): AccountEvents {
  return {
    list: async ({ tenantId, withAll, limit }) => {
      const rows = await database.query(listSql, {
        tenant: tenantId ?? null,
        all: withAll,
        limit,
        bytes: resultBytes,
      })
      return Promise.all(rows.map((row) => toEvent(transit, row)))
    },
    acknowledge: async (accountEventId) => {
      const rows = await database.query(
        `update account_events set acknowledged_at = coalesce(acknowledged_at, now())
         where account_event_id = :id::bigint returning account_event_id::text as id`,
        { id: accountEventId },
      )
      return rows.length > 0
    },
  }
}

async function toEvent(transit: TransitSealer, row: Row): Promise<KeptAccountEvent> {
  const tenantId = text(row, 'tenant_id')
  const place = accountEventPlace(tenantId, base64(bytes(row, 'event_hash')))
  const raw = optionalBytes(row, 'raw')
  const envelope = raw === undefined ? undefined : Buffer.from(raw).toString('utf8')
  return {
    accountEventId: text(row, 'id'),
    tenantId,
    topic: text(row, 'kind'),
    severity: text(row, 'severity'),
    subject: optionalText(row, 'subject'),
    occurredAt: text(row, 'occurred_at'),
    acknowledgedAt: optionalText(row, 'acknowledged_at'),
    details: envelope === undefined ? null : JSON.parse(await transit.open(place, envelope)),
  }
}
