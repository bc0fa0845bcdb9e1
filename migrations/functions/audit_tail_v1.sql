-- The entries of a tenant that have no link yet, oldest first. A head that is no constant looks to the
-- planner as if a third of the table came after it: it may not read the whole of it.
create or replace function audit_tail_v1(tenant bigint, most integer) returns setof audit_entries
language plpgsql stable rows 100
set enable_seqscan = off
set enable_sort = off
set enable_bitmapscan = off
as $$
declare
  head_xid xid8;
  head_id bigint;
begin
  select l.xid, l.audit_id into head_xid, head_id from audit_links l
  where l.tenant_id = tenant order by l.position desc limit 1;
  return query
  select * from audit_entries e
  where e.tenant_id = tenant
    and (e.xid, e.audit_id) > (coalesce(head_xid, '0'), coalesce(head_id, 0))
  order by e.xid, e.audit_id limit most;
end
$$;
