-- Chains at most so many of a tenant's entries, and notes whose they are in audit_persons; answers how
-- many. Whom another call is chaining is left to it.
create or replace function chain_tenant_v1(tenant bigint, most integer) returns integer
language plpgsql volatile as $$
declare
  head audit_links%rowtype;
  before audit_links%rowtype;
  entry audit_entries%rowtype;
  chained integer := 0;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('audit:' || tenant, 0)) then
    return 0;
  end if;
  select * into head from audit_links l
  where l.tenant_id = tenant order by l.position desc limit 1;
  if head.position is null then
    head.position := 0;
    head.hash := decode(repeat('00', 32), 'hex');
    head.xid := '0';
    head.audit_id := 0;
  end if;
  before := head;
  for entry in
    select e.* from audit_entries e
    where e.tenant_id = tenant and (e.xid, e.audit_id) > (head.xid, head.audit_id)
      and e.xid < pg_snapshot_xmin(pg_current_snapshot())
    order by e.xid, e.audit_id limit most
  loop
    head.position := head.position + 1;
    head.hash := audit_link_v1(head.hash, head.position, entry);
    head.xid := entry.xid;
    head.audit_id := entry.audit_id;
    insert into audit_links (tenant_id, position, xid, audit_id, hash)
    values (tenant, head.position, head.xid, head.audit_id, head.hash);
    chained := chained + 1;
  end loop;
  insert into audit_persons (tenant_id, person_id, at, audit_id, xid)
  select tenant, p.person_id, e.at, e.audit_id, e.xid
  from audit_entries e cross join lateral unnest(e.person_ids) p (person_id)
  where e.tenant_id = tenant and (e.xid, e.audit_id) > (before.xid, before.audit_id)
    and (e.xid, e.audit_id) <= (head.xid, head.audit_id)
  -- An entry may name somebody twice.
  on conflict do nothing;
  return chained;
end
$$;

-- The version before this one noted nobody, and went on chaining each minute from the moment in which
-- the table was there (0026) until now: what it chained is noted here. Whoever is chaining ends first.
lock table audit_links in share row exclusive mode;

insert into audit_persons (tenant_id, person_id, at, audit_id, xid)
select distinct e.tenant_id, p.person_id, e.at, e.audit_id, e.xid
from tenants t
join audit_entries e on e.tenant_id = t.tenant_id and e.at > now() - interval '1 hour'
cross join lateral unnest(e.person_ids) p (person_id)
where (e.xid, e.audit_id) <= (
  select l.xid, l.audit_id from audit_links l
  where l.tenant_id = t.tenant_id order by l.position desc limit 1)
on conflict do nothing;
