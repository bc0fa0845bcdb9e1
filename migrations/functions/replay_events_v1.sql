-- Delivers events again to one subscription: one by its id, or those of a time, oldest first, at most
-- `most` and what shares the last one's millisecond. What is still under way stays so.
--
-- input: tenantId, clientId, subscriptionId, eventId? | from, to (RFC 3339, `to` excluded), most
-- rows: the first with outcome (replayed | subscription-not-found | subscription-paused |
--       event-not-found | client-unknown | rate-limited), how many events, and from when on there
--       are more; then the tasks to wake.
create or replace function replay_events_v1(input jsonb)
returns table (
  outcome text, quota jsonb, retry_after_seconds double precision, events integer, next_from text,
  type text, tenant_id text, task_id text, wake_in_seconds integer)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  wanted_event constant bigint := (input ->> 'eventId')::bigint;
  chosen bigint[];
  last_at timestamptz;
  more boolean := false;
  request record;
  receiver subscriptions%rowtype;
begin
  select * into request from begin_request_v1(input) r;
  outcome := request.outcome;
  quota := request.quota;
  retry_after_seconds := request.retry_after_seconds;
  events := 0;
  if outcome <> 'go' then
    return next;
    return;
  end if;
  select * into receiver from subscriptions s
  where s.tenant_id = tenant and s.subscription_id = (input ->> 'subscriptionId')::bigint;
  if not found or receiver.status = 'PAUSED' then
    outcome := case when receiver.status = 'PAUSED' then 'subscription-paused'
      else 'subscription-not-found' end;
    return next;
    return;
  end if;
  if wanted_event is not null then
    select array_agg(e.event_id) into chosen from events e
    where e.tenant_id = tenant and e.event_id = wanted_event;
    if chosen is null then
      outcome := 'event-not-found';
      return next;
      return;
    end if;
  else
    select array_agg(c.event_id), max(c.told_at) into chosen, last_at
    from (
      select e.event_id, date_trunc('milliseconds', e.created_at) as told_at from events e
      where e.tenant_id = tenant and e.created_at >= (input ->> 'from')::timestamptz
        and e.created_at < (input ->> 'to')::timestamptz
        and e.xid < pg_snapshot_xmin(pg_current_snapshot())
        and (receiver.types = '{}' or e.type = any (receiver.types))
      order by date_trunc('milliseconds', e.created_at)
      fetch first ((input ->> 'most')::integer) rows with ties) c;
    more := exists (
      select 1 from events e
      where e.tenant_id = tenant and e.created_at >= last_at + interval '1 millisecond'
        and e.created_at < (input ->> 'to')::timestamptz
        and (receiver.types = '{}' or e.type = any (receiver.types)));
  end if;

  outcome := 'replayed';
  events := coalesce(cardinality(chosen), 0);
  next_from := case when more then iso_utc(last_at + interval '1 millisecond') end;
  return next;
  return query
  with planned as (
    insert into tasks (tenant_id, type, payload, due_at, woken_at)
    select tenant, 'EVENT_DELIVERY', jsonb_build_object(
      'subscriptionId', receiver.subscription_id::text, 'eventId', c.event_id::text), now(), now()
    from unnest(chosen) as c (event_id) order by c.event_id
    on conflict (tenant_id, (payload ->> 'subscriptionId'), (payload ->> 'eventId'))
      where type = 'EVENT_DELIVERY' and payload ->> 'eventId' is not null
    do update set state = 'PENDING', due_at = now(), woken_at = now(), attempts = 0,
      first_attempt_at = null, reason = null, updated_at = now()
    where tasks.state in ('DONE', 'DEAD', 'CANCELLED')
    returning type, tenant_id, task_id
  )
  select null::text, null::jsonb, null::double precision, null::integer, null::text, p.type::text,
    p.tenant_id::text, p.task_id::text, 0
  from planned p;
end
$$;
