-- Removes a part of the events, calls and ended deliveries that are older than they are kept: of each
-- tenant at most `most` of each kind.
--
-- input: keptSeconds, most
-- rows: one; how many went, and whether a call more would find some
create or replace function forget_events_v1(input jsonb)
returns table (events integer, attempts integer, deliveries integer, more boolean)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  before constant timestamptz :=
    now() - (input ->> 'keptSeconds')::double precision * interval '1 second';
  most constant integer := (input ->> 'most')::integer;
begin
  more := false;
  delete from events e using tenants t cross join lateral (
    select o.tenant_id, o.event_id from events o
    where o.tenant_id = t.tenant_id and o.created_at < before
    order by o.created_at limit most) old
  where e.tenant_id = old.tenant_id and e.event_id = old.event_id;
  get diagnostics events = row_count;

  delete from event_delivery_attempts a using tenants t cross join lateral (
    select o.tenant_id, o.subscription_id, o.attempt_id from event_delivery_attempts o
    where o.tenant_id = t.tenant_id and o.attempted_at < before
    order by o.attempted_at limit most) old
  where a.tenant_id = old.tenant_id and a.subscription_id = old.subscription_id
    and a.attempt_id = old.attempt_id;
  get diagnostics attempts = row_count;

  delete from tasks k using tenants t cross join lateral (
    select o.tenant_id, o.task_id from tasks o
    where o.tenant_id = t.tenant_id and o.type = 'EVENT_DELIVERY' and o.created_at < before
      and o.state in ('DONE', 'DEAD', 'CANCELLED')
    order by o.created_at limit most) old
  where k.tenant_id = old.tenant_id and k.task_id = old.task_id;
  get diagnostics deliveries = row_count;

  more := greatest(events, attempts, deliveries) >= most;
  return next;
end
$$;
