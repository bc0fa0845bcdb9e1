-- The net under the wake-ups, each minute: an expired lease of a send becomes UNKNOWN, one of a job
-- is due again; what is due and was not woken for a while is woken, never more per sender than its
-- rate allows in a period.
--
-- input: limit, staleSeconds, periodSeconds, patienceSeconds, reportWaitSeconds
create or replace function relay_v1(input jsonb)
returns table (type text, tenant_id text, task_id text, wake_in_seconds integer)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  stale constant interval := (input ->> 'staleSeconds')::double precision * interval '1 second';
  patience constant interval :=
    (input ->> 'patienceSeconds')::double precision * interval '1 second';
  report_wait constant interval :=
    (input ->> 'reportWaitSeconds')::double precision * interval '1 second';
  expired record;
begin
  for expired in
    select t.tenant_id, t.task_id, t.message_id from tasks t
    join chat_messages m on m.tenant_id = t.tenant_id and m.message_id = t.message_id
    where t.state = 'CLAIMED' and t.type = 'MESSAGE_SEND' and t.lease_until < now()
    order by m.tenant_id, m.message_id
    limit (input ->> 'limit')::integer
    for no key update of m skip locked
  loop
    perform await_report_v1(a.tenant_id, a.message_id, a.attempt_id, 'lease-expired', report_wait)
    from tasks t
    join send_attempts a on a.tenant_id = t.tenant_id and a.message_id = t.message_id
      and a.fence = t.fence
    where t.tenant_id = expired.tenant_id and t.task_id = expired.task_id
      and t.state = 'CLAIMED' and t.lease_until < now();
    -- Nobody sends a wake-up for the check just planned; it is ours when it is due.
    update tasks t set woken_at = null
    where t.tenant_id = expired.tenant_id and t.message_id = expired.message_id
      and t.type = 'MESSAGE_STATUS_CHECK' and t.state = 'PENDING' and t.woken_at > now();
    -- A report may have named the attempt while its lease ran out: nothing is left to do.
    update tasks t set state = 'DONE', reason = 'reported', updated_at = now()
    where t.tenant_id = expired.tenant_id and t.task_id = expired.task_id
      and t.state = 'CLAIMED' and t.lease_until < now();
    perform refresh_message_v1(expired.tenant_id, expired.message_id);
  end loop;

  -- A job may be done twice: one whose worker is gone is simply due again.
  update tasks t set state = 'PENDING', due_at = now(), woken_at = null, updated_at = now()
  where (t.tenant_id, t.task_id) in (
    select j.tenant_id, j.task_id from tasks j
    where j.state = 'CLAIMED' and j.type <> 'MESSAGE_SEND' and j.lease_until < now()
    order by j.tenant_id, j.task_id
    limit (input ->> 'limit')::integer
    for no key update skip locked);

  perform match_waiting_reports_v1((input ->> 'limit')::integer);

  return query
  with due as (
    -- Each sender its own share: a backlog of one starves nobody.
    select r.tenant_id, r.task_id, r.turn from senders s
    cross join lateral (
      select t.tenant_id, t.task_id, row_number() over (order by t.due_at) as turn from tasks t
      where t.tenant_id = s.tenant_id and t.sender_id = s.sender_id
        and t.state = 'PENDING' and t.due_at <= now()
        and (t.woken_at is null or t.woken_at < now() - stale)
        and first_blocker_v1(
          t.tenant_id, t.chat_id, t.channel, t.sequence, patience, '{}') is null
      order by t.due_at
      limit greatest(1,
        s.rate_per_second * (input ->> 'periodSeconds')::double precision)::integer) r
    union all
    (select t.tenant_id, t.task_id, row_number() over (order by t.due_at) as turn from tasks t
    where t.sender_id is null and t.type <> 'EVENT_DELIVERY' and t.state = 'PENDING'
      and t.due_at <= now() and (t.woken_at is null or t.woken_at < now() - stale)
    order by t.due_at
    limit (input ->> 'limit')::integer)
    union all
    -- Those to a receiver that is down pile up for days; nothing else waits behind them.
    (select t.tenant_id, t.task_id, row_number() over (order by t.due_at) as turn from tasks t
    where t.sender_id is null and t.type = 'EVENT_DELIVERY' and t.state = 'PENDING'
      and t.due_at <= now() and (t.woken_at is null or t.woken_at < now() - stale)
    order by t.due_at
    limit (input ->> 'limit')::integer)
  ), paced as (
    -- In turns, so that what the limit leaves is shared too: 1 MiB holds no answer without one.
    select t.tenant_id, t.task_id from due d
    join tasks t on t.tenant_id = d.tenant_id and t.task_id = d.task_id
    -- Said once more: whoever waited for a lock looks at the row that another relay has left.
    where t.state = 'PENDING' and (t.woken_at is null or t.woken_at < now() - stale)
    order by d.turn
    limit (input ->> 'limit')::integer
    for no key update of t skip locked
  ), woken as (
    update tasks t set woken_at = now()
    from paced p
    where t.tenant_id = p.tenant_id and t.task_id = p.task_id
    returning t.type, t.tenant_id, t.task_id
  )
  select k.type::text, k.tenant_id::text, k.task_id::text, 0 from woken k;
end
$$;
