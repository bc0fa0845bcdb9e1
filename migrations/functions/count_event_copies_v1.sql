-- Counts on their first telling the events that were told again. Answers how many of them said
-- something else under the same id.
--
-- given, fresh: see apply_business_events_v1; fresh are those of them that are new
create or replace function count_event_copies_v1(given jsonb, fresh jsonb) returns integer
language plpgsql volatile as $$
declare
  conflicting integer;
begin
  with told as (
    select e."tenantId" as tenant_id, e."eventId" as event_id, count(*)::integer as times,
      count(*) filter (where e.type <> b.type or e."thingId" <> b.thing_id
        or e.version <> b.version)::integer as conflicts
    from jsonb_to_recordset(given) as e (
      "tenantId" bigint, "eventId" text, type text, "thingId" text, version bigint)
    join business_events b on b.tenant_id = e."tenantId" and b.event_id = e."eventId"
    group by e."tenantId", e."eventId"
  ), counted as (
    select t.tenant_id, t.event_id, t.conflicts, t.times - (
      select count(*) from jsonb_array_elements(fresh) f
      where (f.value ->> 'tenantId')::bigint = t.tenant_id
        and f.value ->> 'eventId' = t.event_id)::integer as copies
    from told t
  ), changed as (
    update business_events b set copies = b.copies + c.copies, conflicts = b.conflicts + c.conflicts
    from counted c
    where b.tenant_id = c.tenant_id and b.event_id = c.event_id and c.copies > 0
    returning c.conflicts)
  select coalesce(sum(c.conflicts), 0)::integer into conflicting from changed c;
  return conflicting;
end
$$;
