-- The tenants with entries that have no link yet: since when the oldest of them waits, and whether it can
-- be chained now: no older transaction may still write before it.
create or replace function audit_tails_v1()
returns table (tenant_id bigint, oldest_at timestamptz, is_ready boolean)
language sql volatile as $$
  select t.tenant_id, e.at, e.xid < pg_snapshot_xmin(pg_current_snapshot())
  from tenants t
  left join lateral (
    select l.xid, l.audit_id from audit_links l
    where l.tenant_id = t.tenant_id order by l.position desc limit 1) h on true
  cross join lateral (
    select o.at, o.xid from audit_entries o
    where o.tenant_id = t.tenant_id
      and (o.xid, o.audit_id) > (coalesce(h.xid, '0'), coalesce(h.audit_id, 0))
    order by o.xid, o.audit_id limit 1) e
$$;
