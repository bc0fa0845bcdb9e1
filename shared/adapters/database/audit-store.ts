import type { AuditEntry } from '../../domain/audit.ts'
import type { AuditDesk, AuditFilter, AuditReader, SeenPerson } from '../../ports/audit.ts'
import type { Sealer } from '../../ports/sealer.ts'
import { ofPerson, ofPersonSql, seenFor } from './audit-of-person.ts'
import { queryAs } from './client-call.ts'
import { pageOf, readCursor, writeCursor } from './cursor.ts'
import type { DataApi, Row } from './data-api.ts'
import { flag, number, optionalText, text } from './row-values.ts'

const columns = `e.audit_id::text as audit_id, iso_utc(e.at) as at,
  (extract(epoch from e.at) * 1000000)::bigint::text as position, e.actor_kind, e.actor, e.action,
  e.outcome, e.purpose, e.request_id, e.objects::text as objects,
  array_to_string(e.person_ids, ',') as person_ids`

const actors = {
  actorKind: 'e.actor_kind = :actorKind',
  actor: 'e.actor = :actor',
} as const

const times = {
  from: 'e.at >= :from::timestamptz',
  to: 'e.at < :to::timestamptz',
} as const

const behind = `(e.at, e.audit_id)
  < ('epoch'::timestamptz + :position::bigint * interval '1 microsecond', :after::bigint)`

function wanted(conditions: Readonly<Record<string, string>>, filter: AuditFilter): string[] {
  const asked = new Set(Object.keys(given(filter)))
  return Object.entries(conditions).flatMap(([name, sql]) => (asked.has(name) ? [sql] : []))
}

function entriesSql(filter: AuditFilter, isContinued: boolean): string {
  if (filter.personId !== undefined) return ofPersonSql(columns, wanted(actors, filter))
  const found = [...wanted({ ...actors, ...times }, filter), ...(isContinued ? [behind] : [])]
  return `select ${columns}, 0 as place, true as matches from audit_entries e
    where ${['e.tenant_id = :tenant::bigint', ...found].join(' and ')}
    order by e.at desc, e.audit_id desc limit :limit::integer`
}

function given(filter: AuditFilter): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined))
}

function parametersOf(filter: AuditFilter, limit: number) {
  const beside = filter.personId === undefined ? {} : ofPerson(filter, limit)
  return { ...given(filter), ...beside, limit }
}

const matching = (rows: readonly Row[]) => rows.filter((row) => flag(row, 'matches'))

const placeOf = (row: Row) => [text(row, 'position'), text(row, 'audit_id')]

/** The audit of a tenant in PostgreSQL; who reads it is in it as well. */
export function makeAuditReader({
  database,
  sealer: sealers,
}: {
  database: DataApi
  sealer: Sealer
}): AuditReader {
  return {
    list: async (caller, { limit, cursor, filter }) => {
      const sealer = await sealers.forTenant(caller.tenantId)
      const { actorKind, actor, personId, from, to } = filter
      const scope = `audit:${JSON.stringify([actorKind, actor, personId, from, to])}`
      const [position, after] = readCursor(sealer, scope, cursor) ?? []
      const rows = await queryAs(database, caller, {
        sql: entriesSql(filter, after !== undefined),
        parameters: {
          ...parametersOf(filter, limit + 1),
          ...(position !== undefined && after !== undefined && { position, after }),
        },
        // Every entry that is shown names more persons than a row could hold.
        shows: { ids: personId === undefined ? {} : { personId: ':personId::text' } },
      })
      const page = pageOf(matching(rows), {
        ...{ limit, sealer, scope },
        cursorAfter: placeOf,
        item: toEntry,
      })
      const last = rows.at(-1)
      const isCut = last !== undefined && number(last, 'place') === seenFor(filter, limit + 1)
      return page.nextCursor === undefined && isCut
        ? { ...page, nextCursor: writeCursor(sealer, scope, placeOf(last)) }
        : page
    },
  }
}

const seenSql = `select p.person::text as person_id, count(*) as entries,
    iso_utc(min(e.at)) as first_at, iso_utc(max(e.at)) as last_at
  from audit_entries e cross join lateral unnest(e.person_ids) p (person)
  where e.tenant_id = :tenant::bigint and e.actor_kind in ('client', 'operator')
    and e.actor = :actor and e.at >= :from::timestamptz and e.at < :to::timestamptz
  group by p.person order by count(*) desc, p.person limit :limit::integer`

const noteSql = `insert into audit_entries (tenant_id, actor_kind, actor, action, outcome, purpose,
    request_id, objects, person_ids)
  select d.* from audited_v1(:asked::jsonb, '[{}]') d`

/** What operators ask of the audit. */
export function makeAuditDesk(database: DataApi): AuditDesk {
  return {
    seenBy: async ({ tenantId: tenant, ...request }) =>
      (await database.query(seenSql, { tenant, ...request })).map(toSeen),
    find: async ({ tenantId: tenant, filter, limit }) => {
      const parameters = { tenant, ...parametersOf(filter, limit) }
      return matching(await database.query(entriesSql(filter, false), parameters)).map(toEntry)
    },
    note: async ({ operator, ...entry }) => {
      const asked = { ...entry, actorKind: 'operator', actor: operator, outcome: 'done' }
      await database.query(noteSql, { asked: JSON.stringify(asked) })
    },
  }
}

function toEntry(row: Row): AuditEntry {
  const personIds = text(row, 'person_ids')
  return {
    auditId: text(row, 'audit_id'),
    at: text(row, 'at'),
    actorKind: text(row, 'actor_kind') as AuditEntry['actorKind'],
    actor: text(row, 'actor'),
    action: text(row, 'action'),
    outcome: text(row, 'outcome'),
    purpose: text(row, 'purpose'),
    requestId: optionalText(row, 'request_id'),
    objects: JSON.parse(text(row, 'objects')) as AuditEntry['objects'],
    personIds: personIds === '' ? [] : personIds.split(','),
  }
}

function toSeen(row: Row): SeenPerson {
  return {
    personId: text(row, 'person_id'),
    entries: number(row, 'entries'),
    firstAt: text(row, 'first_at'),
    lastAt: text(row, 'last_at'),
  }
}
