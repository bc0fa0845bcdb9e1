-- The webhook road's one call: up to 1,000 mixed items, each stored once, in any order and any
-- number of copies. Locks are taken in one order (identities, chats, messages), so that batches
-- do not deadlock.
--
-- input: messages: [{direction, …}], see store_inbound_v2 and store_echo_v1; preferences:
--        [{tenantId, channel, identities, wants, occurredAt}]; reports: see apply_reports_v1;
--        news: see store_news_v1; parked: see store_parked_v1
-- rows: first the counts; then the tasks to wake (type); then the news to alarm (topic).
create or replace function apply_channel_events_v2(input jsonb)
returns table (
  inbound_stored integer, echoes_stored integer, reports_stored integer, news_stored integer,
  parked_stored integer, type text, tenant_id text, task_id text, wake_in_seconds integer,
  topic text, severity text, subject text)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  item jsonb;
  outcome bigint[];
  tasks_made bigint[] := '{}';
  inbound_count integer := 0;
  echo_count integer := 0;
  report_count integer;
  parked_count integer;
  told jsonb;
begin
  perform lock_people_v1(input);
  for item in
    select m.value from jsonb_array_elements(input -> 'messages') with ordinality m
    order by m.value ->> 'occurredAt', m.ordinality
  loop
    if item ->> 'direction' = 'INBOUND' then
      outcome := store_inbound_v2(item);
      inbound_count := inbound_count + (outcome is not null)::integer;
    else
      outcome := store_echo_v1(item);
      echo_count := echo_count + (outcome is not null)::integer;
    end if;
    tasks_made := tasks_made || coalesce(outcome, '{}');
  end loop;

  perform apply_preference_v1(p.value) from jsonb_array_elements(input -> 'preferences') p;
  report_count := apply_reports_v1(input -> 'reports');
  told := store_news_v1(input -> 'news');

  parked_count := store_parked_v1(input -> 'parked');

  return query select inbound_count, echo_count, report_count, jsonb_array_length(told),
    parked_count, null::text, null::text, null::text, null::integer, null::text, null::text,
    null::text;
  return query select null::integer, null::integer, null::integer, null::integer, null::integer,
    t.type::text, t.tenant_id::text, t.task_id::text, 0, null::text, null::text, null::text
  from (select distinct (m.value ->> 'tenantId')::bigint as tenant_id
    from jsonb_array_elements(input -> 'messages') m) w
  join tasks t on t.tenant_id = w.tenant_id and t.task_id = any (tasks_made);
  return query select null::integer, null::integer, null::integer, null::integer, null::integer,
    null::text, n."tenantId", null::text, null::integer, n.topic, n.severity, n.subject
  from jsonb_to_recordset(told)
    as n ("tenantId" text, topic text, severity text, subject text)
  where n.severity <> 'info';
end
$$;
