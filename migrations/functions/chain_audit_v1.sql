-- Chains what is new in the audit of every tenant, a bounded number of entries in all. Whom another
-- call is chaining is left to it. A row of each tenant that has an end of its chain or a tail: how
-- much was chained, whether more could be, and how old the oldest entry without a link is.
--
-- input: most
create or replace function chain_audit_v1(input jsonb)
returns table (tenant_id text, chained integer, more boolean, tail_seconds double precision)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  room integer := (input ->> 'most')::integer;
  tenant bigint;
  head audit_links%rowtype;
  entry audit_entries%rowtype;
  oldest timestamptz;
begin
  for tenant in select t.tenant_id from tenants t order by t.tenant_id loop
    chained := 0;
    if pg_try_advisory_xact_lock(hashtextextended('audit:' || tenant, 0)) then
      select * into head from audit_links l
      where l.tenant_id = tenant order by l.position desc limit 1;
      if head.position is null then
        head.position := 0;
        head.hash := decode(repeat('00', 32), 'hex');
        head.xid := '0';
        head.audit_id := 0;
      end if;
      for entry in
        select e.* from audit_entries e
        where e.tenant_id = tenant and (e.xid, e.audit_id) > (head.xid, head.audit_id)
          and e.xid < pg_snapshot_xmin(pg_current_snapshot())
        order by e.xid, e.audit_id limit room
      loop
        head.position := head.position + 1;
        head.hash := audit_link_v1(head.hash, head.position, entry);
        head.xid := entry.xid;
        head.audit_id := entry.audit_id;
        insert into audit_links (tenant_id, position, xid, audit_id, hash)
        values (tenant, head.position, head.xid, head.audit_id, head.hash);
        chained := chained + 1;
      end loop;
      room := room - chained;
      oldest := null;
      select min(e.at) into oldest from (
        select e.at from audit_entries e
        where e.tenant_id = tenant and (e.xid, e.audit_id) > (head.xid, head.audit_id)
        order by e.xid, e.audit_id limit 1) e;
      tenant_id := tenant::text;
      more := room = 0;
      tail_seconds := coalesce(extract(epoch from clock_timestamp() - oldest), 0);
      return next;
      exit when room = 0;
    end if;
  end loop;
end
$$;
