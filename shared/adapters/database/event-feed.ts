import { eventRetentionDays } from '../../domain/durations.ts'
import { Refusal } from '../../domain/errors.ts'
import type { TenantEvent } from '../../domain/tenant-event.ts'
import type { Clock } from '../../ports/clock.ts'
import type { EventFeed, FeedRequest } from '../../ports/event-feed.ts'
import type { Sealer, TenantSealer } from '../../ports/sealer.ts'
import { queryAs } from './client-call.ts'
import { readCursor, writeCursor } from './cursor.ts'
import type { DataApi, Row } from './data-api.ts'
import { flag, text } from './row-values.ts'

const scope = 'events'
const keptMs = eventRetentionDays * 86_400_000
/** Of one call, whatever the filter lets through. */
const mostScanned = 1000

/** A place between two events, and the time of the one before it. */
interface Position {
  readonly xid: string
  readonly eventId: string
  readonly at: string
}

const oldest: Position = { xid: '0', eventId: '0', at: '' }

/** The events of a tenant in PostgreSQL, by cursor. One call. */
export function makeEventFeed(parts: {
  database: DataApi
  sealer: Sealer
  clock: Clock
}): EventFeed {
  return {
    read: async (caller, request) => {
      const sealer = await parts.sealer.forTenant(caller.tenantId)
      const from = positionOf(sealer, request.cursor, parts.clock)
      const rows = await queryAs(parts.database, caller, {
        sql: readSql,
        parameters: {
          xid: from.xid,
          event: from.eventId,
          types: request.types.join(','),
          limit: request.limit,
          scan: request.isFromNow && request.cursor === undefined ? 0 : mostScanned,
        },
      })
      return pageOf(sealer, rows, request)
    },
  }
}

function positionOf(sealer: TenantSealer, cursor: string | undefined, clock: Clock): Position {
  const [xid, eventId, at] = readCursor(sealer, scope, cursor) ?? []
  if (xid === undefined || eventId === undefined || at === undefined) return oldest
  if (clock.now() - Date.parse(at) > keptMs) throw new Refusal('cursor-expired')
  return { xid, eventId, at }
}

/**
 * Events that pass the filter, one more than asked for; then one row with how far was looked: the
 * last event of a full look, else the oldest running transaction, which is the end for now.
 */
const readSql = `
  with looked as (
    select e.* from events e
    where e.tenant_id = :tenant::bigint
      and (e.xid, e.event_id) > (:xid::text::xid8, :event::bigint)
      and e.xid < pg_snapshot_xmin(pg_current_snapshot())
    order by e.xid, e.event_id limit :scan::integer
  ), found as (
    select l.* from looked l
    where :types::text = '' or l.type = any (string_to_array(:types::text, ','))
    order by l.xid, l.event_id limit :limit::integer + 1
  ), reached as (
    select l.xid, l.event_id, l.created_at from looked l
    where (select count(*) from looked) = :scan::integer
    order by l.xid desc, l.event_id desc limit 1
  )
  select s.xid::text as xid, s.event_id::text as event_id, iso_utc(s.created_at) as at,
    s.event::text as event, s.is_full
  from (
    select f.xid, f.event_id, f.created_at, event_json_v1(row(f.*)::events) as event,
      false as is_full
    from found f
    union all
    select coalesce(r.xid, pg_snapshot_xmin(pg_current_snapshot())), coalesce(r.event_id, 0),
      coalesce(r.created_at, now()), null, r.xid is not null
    from (select 1) one left join reached r on true) s
  order by s.event is null, s.xid, s.event_id`

function pageOf(sealer: TenantSealer, rows: readonly Row[], { limit }: FeedRequest) {
  const end = rows.at(-1)
  if (end === undefined) throw new Error('the feed answered without an end')
  const found = rows.slice(0, -1)
  const shown = found.slice(0, limit)
  const isCut = found.length > limit
  const last = isCut ? (shown.at(-1) ?? end) : end
  return {
    items: shown.map((row) => JSON.parse(text(row, 'event')) as TenantEvent),
    nextCursor: writeCursor(sealer, scope, [
      text(last, 'xid'),
      text(last, 'event_id'),
      text(last, 'at'),
    ]),
    hasMore: isCut || flag(end, 'is_full'),
  }
}
