-- Settles a batch: what the provider answered to each attempt, and what happens next. Evidence is
-- kept on its own attempt always; the task moves only while its fence is still the attempt's.
--
-- input: patienceSeconds, reportWaitSeconds, breaker, sends: [{tenantId, taskId, attemptId, fence,
--        outcome, providerMessageId?, held?, reason?, code?, retryInSeconds?, health?, identity?,
--        uploads?}], the last two as in keep_learned_v1
-- outcome ACCEPTED | REJECTED | NOT_CALLED | UNKNOWN; REJECTED and NOT_CALLED with
-- retryInSeconds are tried again, without it they are final unless try_another_way_v1 knows one.
-- health: see book_health_v1.
-- rows: the tasks to wake (retries, status checks, new heads of lanes) and the breakers that
-- opened (sender_id, reason, code).
create or replace function settle_sends_v2(input jsonb)
returns table (
  type text, tenant_id text, task_id text, wake_in_seconds integer, sender_id text, reason text,
  code integer)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  patience constant interval :=
    (input ->> 'patienceSeconds')::double precision * interval '1 second';
  report_wait constant interval :=
    (input ->> 'reportWaitSeconds')::double precision * interval '1 second';
  send record;
  current_outcome text;
begin
  perform lock_identities_v1((
    select array_agg(concat_ws(':', s."tenantId", t.channel, s.identity ->> 'kind',
      s.identity ->> 'hash'))
    from jsonb_to_recordset(input -> 'sends') as s (
      "tenantId" bigint, "taskId" bigint, identity jsonb)
    join tasks t on t.tenant_id = s."tenantId" and t.task_id = s."taskId"
    where s.identity is not null));
  -- Behind the chats' locks no message can be accepted, so no new head is missed.
  perform 1 from chats c
  where (c.tenant_id, c.chat_id) in (
    select t.tenant_id, t.chat_id from send_requests_v1(input) w
    join tasks t on t.tenant_id = w.tenant_id and t.task_id = w.task_id)
  order by c.tenant_id, c.chat_id
  for no key update;
  perform 1 from chat_messages m
  where (m.tenant_id, m.message_id) in (
    select t.tenant_id, t.message_id from send_requests_v1(input) w
    join tasks t on t.tenant_id = w.tenant_id and t.task_id = w.task_id)
  order by m.tenant_id, m.message_id
  for no key update;

  for send in
    select s.*, t.message_id, t.fence = s.fence as current
    from jsonb_to_recordset(input -> 'sends') as s (
      "tenantId" bigint, "taskId" bigint, "attemptId" uuid, fence bigint, outcome text,
      "providerMessageId" text, held boolean, reason text, code integer,
      "retryInSeconds" double precision, health text)
    join tasks t on t.tenant_id = s."tenantId" and t.task_id = s."taskId"
    order by s."tenantId", t.message_id
  loop
    if send.outcome = 'UNKNOWN' then
      perform await_report_v1(
        send."tenantId", send.message_id, send."attemptId", send.reason, report_wait);
    else
      update send_attempts a set outcome = send.outcome, resolved_at = now(),
        reason = send.reason, reason_code = send.code,
        -- An id that another attempt already carries is not taken twice; its reports stay there.
        provider_message_id = case when not exists (
          select 1 from send_attempts o
          where o.tenant_id = a.tenant_id and o.channel = a.channel
            and o.provider_message_id = send."providerMessageId"
            and o.attempt_id <> a.attempt_id) then send."providerMessageId" end
      where a.tenant_id = send."tenantId" and a.attempt_id = send."attemptId"
        and a.outcome in ('CALLING', 'UNKNOWN', 'ABANDONED');
      perform match_reports_v1(send."tenantId", send."attemptId");
    end if;

    select a.outcome into current_outcome from send_attempts a
    where a.tenant_id = send."tenantId" and a.attempt_id = send."attemptId";
    if send.current and current_outcome in ('REJECTED', 'NOT_CALLED')
      and send."retryInSeconds" is not null
    then
      update tasks t set state = 'PENDING', reason = send.reason, updated_at = now(),
        -- What was never called, or met a sender of ours that is broken, is no try of its own.
        attempts = t.attempts - case when send.outcome = 'NOT_CALLED' or send.health = 'broken'
          then 1 else 0 end,
        -- A finance system that is away must not hold up its chat for longer than a provider would.
        first_attempt_at = case when send.outcome = 'NOT_CALLED' and t.attempts <= 1
          and send.reason is distinct from 'billing-unreachable'
          then null else t.first_attempt_at end,
        -- Not past its time: what is over is to be seen as over.
        due_at = least(now() + send."retryInSeconds" * interval '1 second', (
          select m.expires_at from chat_messages m
          where m.tenant_id = t.tenant_id and m.message_id = t.message_id))
      where t.tenant_id = send."tenantId" and t.task_id = send."taskId"
        and (t.state = 'CLAIMED' or (t.state = 'DONE' and t.reason = 'unknown'));
      update chat_messages m set status = 'QUEUED', reason = send.reason,
        reason_code = send.code, status_at = now()
      where m.tenant_id = send."tenantId" and m.message_id = send.message_id
        and m.status in ('SENDING', 'UNKNOWN');
    elsif send.current and current_outcome in ('ACCEPTED', 'REJECTED', 'NOT_CALLED') then
      update tasks t set reason = send.reason, updated_at = now(),
        state = case when current_outcome = 'NOT_CALLED' and send.reason like 'installment-%'
          then 'CANCELLED' else 'DONE' end
      where t.tenant_id = send."tenantId" and t.task_id = send."taskId"
        and t.state in ('CLAIMED', 'PENDING');
    end if;
    if send.outcome = 'REJECTED' and send.reason = 'marketing-stopped' then
      perform record_opt_out_v1(
        m.tenant_id, m.contact_id, m.channel, 'MARKETING', 'provider-refusal', now())
      from chat_messages m
      where m.tenant_id = send."tenantId" and m.message_id = send.message_id;
    end if;
    update chat_messages m set held = true
    where m.tenant_id = send."tenantId" and m.message_id = send.message_id and send.held;
    perform refresh_message_v1(send."tenantId", send.message_id);
  end loop;
  perform keep_learned_v1(input -> 'sends');

  for send in
    select s."tenantId", t.message_id, t.sender_id, s.health, to_jsonb(s) as settlement, s.reason,
      s.code
    from jsonb_to_recordset(input -> 'sends') as s (
      "tenantId" bigint, "taskId" bigint, "attemptId" uuid, health text, reason text,
      code integer, "retryInSeconds" double precision)
    join send_attempts a on a.tenant_id = s."tenantId" and a.attempt_id = s."attemptId"
    join tasks t on t.tenant_id = s."tenantId" and t.task_id = s."taskId"
    -- Resolved by this very call: a settlement that is repeated counts no second time.
    where s.health is not null and (s.health = 'ok' or a.resolved_at = now())
    order by s."tenantId", t.sender_id, t.message_id
  loop
    if book_health_v1(send."tenantId", send.message_id, send.health, send.settlement,
      input -> 'breaker')
    then
      return query select 'BREAKER_OPENED', send."tenantId"::text, null::text, null::integer,
        send.sender_id::text, send.reason, send.code;
    end if;
  end loop;

  return query
  with lanes as (
    select distinct t.tenant_id, t.chat_id, t.channel from send_requests_v1(input) w
    join tasks t on t.tenant_id = w.tenant_id and t.task_id = w.task_id
  ), heads as (
    select h.* from lanes l
    cross join lateral lane_heads_v1(l.tenant_id, l.chat_id, l.channel, patience) h
  ), retries as (
    select t.tenant_id, t.task_id from send_requests_v1(input) w
    join tasks t on t.tenant_id = w.tenant_id and t.task_id = w.task_id
    where t.state = 'PENDING' and t.due_at <= now() + interval '900 seconds'
  ), woken as (
    update tasks t set woken_at = greatest(t.due_at, now())
    where (t.tenant_id, t.task_id) in (
      select h.tenant_id, h.task_id from heads h
      union select r.tenant_id, r.task_id from retries r)
    returning t.type, t.tenant_id, t.task_id, t.due_at
  )
  select k.type::text, k.tenant_id::text, k.task_id::text,
    greatest(0, ceil(extract(epoch from k.due_at - now())))::integer,
    null::text, null::text, null::integer
  from woken k
  union all
  select c.type::text, c.tenant_id::text, c.task_id::text,
    greatest(0, ceil(extract(epoch from c.due_at - now())))::integer,
    null::text, null::text, null::integer
  from send_requests_v1(input) w
  join tasks t on t.tenant_id = w.tenant_id and t.task_id = w.task_id
  join tasks c on c.tenant_id = t.tenant_id and c.message_id = t.message_id
    and c.type = 'MESSAGE_STATUS_CHECK' and c.state = 'PENDING' and c.woken_at is not null
    and c.due_at <= now() + interval '900 seconds';
end
$$;
