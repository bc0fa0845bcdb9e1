-- The one call for what finance systems tell: up to 1,000 events, each once, in any order and any number
-- of copies. What is queued about a debt that does not stand any more is cancelled in the same call.
-- Locks are taken in one order: identities, events, movements, installments, chats, messages.
--
-- input: patienceSeconds, events: [{tenantId, eventId, type, thingId, version, occurredAt, movement? (see
--        apply_movement_v1), installment? (see apply_installment_v1)}], parked: see store_parked_v1
-- rows: first the counts; then the tasks to wake (type).
create or replace function apply_business_events_v1(input jsonb)
returns table (
  applied integer, stale integer, copies integer, conflicts integer, contacts_taken integer,
  cancelled integer, raced integer, parked_stored integer, type text, tenant_id text, task_id text,
  wake_in_seconds integer)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  patience constant interval :=
    (input ->> 'patienceSeconds')::double precision * interval '1 second';
  given integer := jsonb_array_length(input -> 'events');
  fresh jsonb;
  told record;
  did text;
  remark text;
  wakes jsonb := '[]';
begin
  applied := 0; stale := 0; contacts_taken := 0; cancelled := 0; raced := 0;
  perform lock_identities_v1((
    select array_agg(l.key) from (
      select concat_ws(':', e.value ->> 'tenantId', 'person',
        e.value #>> '{movement,person,externalId,hash}') as key
      from jsonb_array_elements(input -> 'events') e where e.value ? 'movement'
      union all
      -- An installment and its movement must see each other.
      select concat_ws(':', e.value ->> 'tenantId', 'movement', coalesce(
        e.value #>> '{movement,movementId}', e.value #>> '{installment,movementId}'))
      from jsonb_array_elements(input -> 'events') e
      union all
      select concat_ws(':', e.value ->> 'tenantId', c.value ->> 'channel', c.value ->> 'kind',
        c.value ->> 'hash')
      from jsonb_array_elements(input -> 'events') e
      cross join jsonb_array_elements(e.value #> '{movement,person,contacts}') c
      where e.value ? 'movement') l)
    || author_locks_v1(input -> 'parked'));

  with noted as (
    insert into business_events as b
      (tenant_id, event_id, type, thing_id, version, outcome, occurred_at)
    select distinct on (e."tenantId", e."eventId") e."tenantId", e."eventId", e.type, e."thingId",
      e.version, 'applied', e."occurredAt"
    from jsonb_to_recordset(input -> 'events') as e (
      "tenantId" bigint, "eventId" text, type text, "thingId" text, version bigint,
      "occurredAt" timestamptz)
    order by e."tenantId", e."eventId", e.version desc, e.type, e."thingId"
    on conflict do nothing
    returning b.tenant_id, b.event_id, b.version, b.type, b.thing_id
  ), firsts as (
    select distinct on (e.value ->> 'tenantId', e.value ->> 'eventId') e.value as event
    from jsonb_array_elements(input -> 'events') e
    join noted n on n.tenant_id = (e.value ->> 'tenantId')::bigint
      and n.event_id = e.value ->> 'eventId' and n.version = (e.value ->> 'version')::bigint
      and n.type = e.value ->> 'type' and n.thing_id = e.value ->> 'thingId'
    order by e.value ->> 'tenantId', e.value ->> 'eventId')
  select coalesce(jsonb_agg(f.event), '[]') into fresh from firsts f;

  for told in
    select e.value as event, (e.value ->> 'tenantId')::bigint as tenant
    from jsonb_array_elements(fresh) e
    order by e.value ? 'installment', tenant, e.value ->> 'thingId' collate "C",
      (e.value ->> 'version')::bigint, e.value ->> 'eventId' collate "C"
  loop
    remark := null;
    if told.event ? 'movement' then
      select m.outcome, m.notice into did, remark
      from apply_movement_v1(told.tenant, told.event) m;
    else
      did := apply_installment_v1(told.tenant, told.event);
    end if;
    if did = 'applied' then applied := applied + 1; else stale := stale + 1; end if;
    if remark = 'contact-taken' then contacts_taken := contacts_taken + 1; end if;
    if did <> 'applied' or remark is not null then
      update business_events b set outcome = did, notice = remark
      where b.tenant_id = told.tenant and b.event_id = told.event ->> 'eventId';
    end if;
  end loop;

  select given - jsonb_array_length(fresh) into copies;
  conflicts := count_event_copies_v1(input -> 'events', fresh);

  for told in
    select w.tenant, array_agg(w.installment order by w.installment) as installments from (
      select (e.value ->> 'tenantId')::bigint as tenant, e.value ->> 'thingId' as installment
      from jsonb_array_elements(fresh) e where e.value ? 'installment'
      union
      select i.tenant_id, i.installment_id from jsonb_array_elements(fresh) e
      join installments i on i.tenant_id = (e.value ->> 'tenantId')::bigint
        and i.movement_id = e.value ->> 'thingId'
      where e.value #>> '{movement,status}' = 'CANCELLED') w
    group by w.tenant order by w.tenant
  loop
    for did, remark in
      select c.is_cancelled::text, c.task_id::text
      from cancel_debts_v1(told.tenant, told.installments, patience) c
    loop
      if did::boolean then cancelled := cancelled + 1; else raced := raced + 1; end if;
      if remark is not null then
        wakes := wakes || jsonb_build_object('tenant', told.tenant::text, 'task', remark);
      end if;
    end loop;
  end loop;

  parked_stored := store_parked_v1(input -> 'parked');
  return next;
  return query
  select distinct null::integer, null::integer, null::integer, null::integer, null::integer,
    null::integer, null::integer, null::integer, 'MESSAGE_SEND', w.value ->> 'tenant',
    w.value ->> 'task', 0
  from jsonb_array_elements(wakes) w;
end
$$;
