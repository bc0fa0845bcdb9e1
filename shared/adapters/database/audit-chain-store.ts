import type { AuditLink, AuditRow } from '../../domain/audit-chain.ts'
import { auditPace } from '../../domain/audit-pace.ts'
import type { AuditChain } from '../../ports/audit.ts'
import type { DataApi, Row } from './data-api.ts'
import { flag, number, optionalText, text } from './row-values.ts'

/** Rows of a page; those of entries also end under the Data API's 1 MiB a result. */
const page = { rows: 2000, bytes: 600_000 }

const headsSql = `select t.tenant_id::text as tenant_id, l.position::text as position,
    encode(l.hash, 'hex') as hash
  from tenants t
  cross join lateral (
    select * from audit_links k where k.tenant_id = t.tenant_id order by k.position desc limit 1) l
  order by t.tenant_id`

const rowsSql = `select r.* from (
    select e.tenant_id::text as tenant_id, e.xid::text as xid, e.audit_id::text as audit_id,
      (extract(epoch from e.at) * 1000000)::bigint::text as at, e.actor_kind, e.actor, e.action,
      e.outcome, e.purpose, e.request_id, e.objects::text as objects,
      array_to_string(e.person_ids, ',') as person_ids,
      sum(octet_length(e.objects::text) + octet_length(array_to_string(e.person_ids, ',')) + 400)
        over (order by e.xid, e.audit_id) as total
    from (
      select * from audit_entries a
      where a.tenant_id = :tenant::bigint
        and (a.xid, a.audit_id) > (:xid::text::xid8, :audit::bigint)
      order by a.xid, a.audit_id limit :limit::integer) e) r
  where r.total <= :bytes::bigint
  order by r.total`

const linksSql = `select l.position::text as position, l.xid::text as xid,
    l.audit_id::text as audit_id, encode(l.hash, 'hex') as hash
  from audit_links l where l.tenant_id = :tenant::bigint and l.position > :after::bigint
  order by l.position limit :limit::integer`

/** The chains in PostgreSQL. */
export function makeAuditChain(database: DataApi): AuditChain {
  return {
    chain: async () => {
      const rows = await database.query('select * from chain_audit_v1(:input::jsonb)', {
        input: JSON.stringify({ most: auditPace.entriesACall }),
      })
      return {
        chained: rows.reduce((sum, row) => sum + number(row, 'chained'), 0),
        hasMore: rows.some((row) => flag(row, 'more')),
        tailSeconds: Math.max(0, ...rows.map((row) => number(row, 'tail_seconds'))),
      }
    },
    heads: async () =>
      (await database.query(headsSql)).map((row) => ({
        tenantId: text(row, 'tenant_id'),
        position: text(row, 'position'),
        hash: text(row, 'hash'),
      })),
    rows: (tenantId) => readRows(database, tenantId),
    links: (tenantId) => readLinks(database, tenantId),
    tenantIds: async () => {
      const rows = await database.query(
        'select tenant_id::text as tenant_id from tenants order by tenants.tenant_id',
      )
      return rows.map((row) => text(row, 'tenant_id'))
    },
  }
}

async function* readRows(database: DataApi, tenant: string): AsyncGenerator<AuditRow> {
  let after = { xid: '0', audit: '0' }
  for (;;) {
    const { rows: limit, bytes } = page
    const rows = await database.query(rowsSql, { tenant, ...after, limit, bytes })
    yield* rows.map(toRow)
    const last = rows.at(-1)
    if (last === undefined) return
    after = { xid: text(last, 'xid'), audit: text(last, 'audit_id') }
  }
}

async function* readLinks(database: DataApi, tenant: string): AsyncGenerator<AuditLink> {
  let after = '0'
  for (;;) {
    const rows = await database.query(linksSql, { tenant, after, limit: page.rows })
    yield* rows.map(toLink)
    const last = rows.at(-1)
    if (last === undefined) return
    after = text(last, 'position')
  }
}

function toRow(row: Row): AuditRow {
  return {
    tenantId: text(row, 'tenant_id'),
    xid: text(row, 'xid'),
    auditId: text(row, 'audit_id'),
    at: text(row, 'at'),
    actorKind: text(row, 'actor_kind'),
    actor: text(row, 'actor'),
    action: text(row, 'action'),
    outcome: text(row, 'outcome'),
    purpose: text(row, 'purpose'),
    requestId: optionalText(row, 'request_id') ?? null,
    objects: text(row, 'objects'),
    personIds: text(row, 'person_ids'),
  }
}

function toLink(row: Row): AuditLink {
  return {
    position: text(row, 'position'),
    xid: text(row, 'xid'),
    auditId: text(row, 'audit_id'),
    hash: text(row, 'hash'),
  }
}
