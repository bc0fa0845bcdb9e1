import type { AuditFilter } from '../../ports/audit.ts'

/** Entries of a person that one page looks at when an actor is asked for as well. */
const mostSeen = 1000
/** Entries that are not chained yet, of everybody; the next minute chains them. */
const mostWaiting = 10_000

/** How many entries of a person are looked at for so many that are shown. */
export function seenFor({ actorKind, actor }: AuditFilter, limit: number): number {
  return actorKind === undefined && actor === undefined ? limit : Math.max(limit, mostSeen)
}

/**
 * At most `:limit` entries of a person that match, newest first, and the last of the `:seen` that were
 * looked at: see audit_seen_v1. Takes every parameter of `ofPerson`.
 */
export function ofPersonSql(columns: string, conditions: readonly string[]): string {
  return `with matched as (
      select e.*, ${['true', ...conditions].join(' and ')} as matches from (
        select s.place, (s.entry).* from audit_seen_v1(:tenant::bigint, :personId::bigint,
          jsonb_build_object('from', :from::timestamptz, 'to', :to::timestamptz,
            'position', :position::bigint, 'after', :after::bigint, 'mostSeen', :seen::integer,
            'mostWaiting', ${mostWaiting})) s) e
    )
    select ${columns}, e.place, e.matches from (
      select m.*, sum(m.matches::integer) over (order by m.place) as nth from matched m) e
    where (e.matches and e.nth <= :limit::integer) or e.place = :seen::integer
    order by e.place`
}

/** What the statement takes whether it is given or not. */
export function ofPerson(filter: AuditFilter, limit: number) {
  const { from = null, to = null } = filter
  return { from, to, position: null, after: null, seen: seenFor(filter, limit) }
}
