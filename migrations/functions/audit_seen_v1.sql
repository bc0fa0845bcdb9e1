-- The newest entries of a person and of those who were merged into them, with their places. What is
-- chained is read in order from audit_persons, what is not yet is looked through: so many of everybody's.
--
-- The planner may not sort, nor gather all of a person's or of all entries first: see walk_chats_v1.
--
-- asked: from?, to?, position? (microseconds since 1970) and after? (audit id) of the last one seen,
--        mostSeen, mostWaiting
create or replace function audit_seen_v1(tenant bigint, person bigint, asked jsonb)
returns table (place bigint, entry audit_entries)
language plpgsql stable rows 50
set enable_sort = off
set enable_incremental_sort = off
set enable_bitmapscan = off
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
  same constant bigint[] := persons_of_v1(tenant, person);
  since constant timestamptz := coalesce((asked ->> 'from')::timestamptz, '-infinity');
  until constant timestamptz := coalesce((asked ->> 'to')::timestamptz, 'infinity');
  before constant timestamptz := coalesce('epoch'::timestamptz
    + (asked ->> 'position')::bigint * interval '1 microsecond', 'infinity');
  before_id constant bigint := coalesce((asked ->> 'after')::bigint, 9223372036854775807);
  most constant integer := (asked ->> 'mostSeen')::integer;
begin
  return query
  select row_number() over (order by f.at desc, f.audit_id desc), o from (
    (select x.* from unnest(same) s (person_id) cross join lateral (
      select e.at, e.audit_id, e.xid from audit_persons e
      where e.tenant_id = tenant and e.person_id = s.person_id and e.at >= since and e.at < until
        and (e.at, e.audit_id) < (before, before_id)
      order by e.at desc, e.audit_id desc limit most) x)
    union
    (select e.at, e.audit_id, e.xid
      from audit_tail_v1(tenant, (asked ->> 'mostWaiting')::integer) e
      where e.person_ids && same and e.at >= since and e.at < until
        and (e.at, e.audit_id) < (before, before_id))
    order by at desc, audit_id desc limit most) f
  join audit_entries o on o.tenant_id = tenant and o.xid = f.xid and o.audit_id = f.audit_id;
end
$$;
