-- Hands new events to who listens: a delivery for each subscription and event that match, and with a
-- bus one for each ten events. Tenant by tenant under the lock of its pump, only below the oldest
-- running transaction, at most `mostTasks` in a call.
--
-- input: tenantIds? (undefined: all), hasBus, mostEvents (a tenant), mostTasks, mostTenants
-- rows: tasks to wake; without a task the tenants to ask for again, 0 s: there is more, 1 s: some of
--       it was not final, or somebody else holds the pump.
create or replace function fan_out_events_v1(input jsonb)
returns table (type text, tenant_id text, task_id text, wake_in_seconds integer)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  has_bus constant boolean := (input ->> 'hasBus')::boolean;
  wanted constant bigint[] := case when input -> 'tenantIds' is not null then
    array(select w.value::bigint from jsonb_array_elements_text(input -> 'tenantIds') w) end;
  tasks_left integer := (input ->> 'mostTasks')::integer;
  seen bigint[] := '{}';
  pump record;
  horizon xid8;
  from_xid xid8;
  from_event bigint;
  most integer;
  reached record;
  made integer;
begin
  -- A tenant is pumped from its first subscription on; with a bus alone, from now on.
  insert into event_pumps (tenant_id, after_xid, after_event_id)
  select t.tenant_id,
    coalesce(l.first_xid, pg_snapshot_xmin(pg_current_snapshot())), 0
  from tenants t
  cross join lateral (
    select min(s.from_xid) as first_xid from subscriptions s
    where s.tenant_id = t.tenant_id and s.status = 'ACTIVE') l
  where (wanted is null or t.tenant_id = any (wanted)) and (has_bus or l.first_xid is not null)
    and not exists (select 1 from event_pumps p where p.tenant_id = t.tenant_id)
  order by t.tenant_id
  on conflict do nothing;

  for pump in
    select p.tenant_id, p.after_xid, p.after_event_id, l.listeners, l.first_xid from event_pumps p
    cross join lateral (
      select count(*)::integer as listeners, min(s.from_xid) as first_xid from subscriptions s
      where s.tenant_id = p.tenant_id and s.status = 'ACTIVE') l
    where (wanted is null or p.tenant_id = any (wanted)) and (has_bus or l.listeners > 0)
      and exists (select 1 from events e where e.tenant_id = p.tenant_id
        and (e.xid, e.event_id) > (p.after_xid, p.after_event_id))
    order by p.updated_at, p.tenant_id
    limit (input ->> 'mostTenants')::integer
    for no key update of p skip locked
  loop
    seen := seen || pump.tenant_id;
    if tasks_left <= 0 then
      return query select null::text, pump.tenant_id::text, null::text, 0;
      continue;
    end if;
    -- Nobody listened to what came before the oldest subscription.
    from_xid := pump.after_xid;
    from_event := pump.after_event_id;
    if not has_bus and pump.first_xid > from_xid then
      from_xid := pump.first_xid;
      from_event := 0;
    end if;
    -- Before the events are read: what is final now stays so.
    select pg_snapshot_xmin(pg_current_snapshot()) into horizon;
    most := least((input ->> 'mostEvents')::integer,
      greatest(1, tasks_left / greatest(1, pump.listeners)));
    select b.xid, b.event_id, b.place into reached
    from (
      select e.xid, e.event_id, row_number() over (order by e.xid, e.event_id) as place
      from events e
      where e.tenant_id = pump.tenant_id and (e.xid, e.event_id) > (from_xid, from_event)
        and e.xid < horizon
      order by e.xid, e.event_id limit most) b
    order by b.place desc limit 1;

    return query
    with batch as materialized (
      select e.event_id, e.xid, e.type,
        (row_number() over (order by e.xid, e.event_id) - 1) / 10 as parcel
      from events e
      where e.tenant_id = pump.tenant_id and (e.xid, e.event_id) > (from_xid, from_event)
        and (e.xid, e.event_id) <= (reached.xid, reached.event_id)
    ), wishes as (
      select b.xid, b.event_id, jsonb_build_object(
        'subscriptionId', s.subscription_id::text, 'eventId', b.event_id::text) as payload
      from batch b
      join subscriptions s on s.tenant_id = pump.tenant_id and s.status = 'ACTIVE'
        and b.xid >= s.from_xid and (s.types = '{}' or b.type = any (s.types))
      union all
      select min(b.xid), min(b.event_id), jsonb_build_object(
        'eventIds', jsonb_agg(b.event_id::text order by b.xid, b.event_id))
      from batch b where has_bus
      group by b.parcel
    ), planned as (
      insert into tasks (tenant_id, type, payload, due_at, woken_at)
      select pump.tenant_id, 'EVENT_DELIVERY', w.payload, now(), now()
      from wishes w order by w.xid, w.event_id
      on conflict do nothing
      returning type, task_id
    )
    select p.type::text, pump.tenant_id::text, p.task_id::text, 0 from planned p;
    get diagnostics made = row_count;
    tasks_left := tasks_left - made;

    -- Below the horizon nothing is left: nothing can appear there any more.
    if reached.place is distinct from most then
      from_xid := greatest(horizon, from_xid);
      from_event := 0;
    else
      from_xid := reached.xid;
      from_event := reached.event_id;
    end if;
    update event_pumps p
    set after_xid = from_xid, after_event_id = from_event, updated_at = now()
    where p.tenant_id = pump.tenant_id;
    if reached.place = most then
      return query select null::text, pump.tenant_id::text, null::text, 0;
    elsif exists (select 1 from events e where e.tenant_id = pump.tenant_id
      and (e.xid, e.event_id) > (from_xid, from_event))
    then
      return query select null::text, pump.tenant_id::text, null::text, 1;
    end if;
  end loop;

  return query
  select null::text, p.tenant_id::text, null::text, 1 from event_pumps p
  where p.tenant_id = any (wanted) and p.tenant_id <> all (seen)
    and (has_bus or exists (select 1 from subscriptions s
      where s.tenant_id = p.tenant_id and s.status = 'ACTIVE'))
    and exists (select 1 from events e where e.tenant_id = p.tenant_id
      and (e.xid, e.event_id) > (p.after_xid, p.after_event_id));
end
$$;
