-- The net under the wake-ups, each minute: turns expired leases into UNKNOWN, and wakes what is
-- due and was not woken for a while, never more per sender than its rate allows in a period.
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
    -- A report may have named the attempt while its lease ran out: nothing is left to do.
    update tasks t set state = 'DONE', reason = 'reported', updated_at = now()
    where t.tenant_id = expired.tenant_id and t.task_id = expired.task_id
      and t.state = 'CLAIMED' and t.lease_until < now();
    perform refresh_message_v1(expired.tenant_id, expired.message_id);
  end loop;

  perform match_waiting_reports_v1((input ->> 'limit')::integer);

  return query
  with due as (
    select t.tenant_id, t.task_id, t.sender_id, t.due_at from tasks t
    where t.state = 'PENDING' and t.due_at <= now()
      and (t.woken_at is null or t.woken_at < now() - stale)
      and (t.type <> 'MESSAGE_SEND' or first_blocker_v1(
        t.tenant_id, t.chat_id, t.channel, t.sequence, patience, '{}') is null)
    order by t.due_at
    limit (input ->> 'limit')::integer
    for update of t skip locked
  ), paced as (
    select d.tenant_id, d.task_id, s.rate_per_second,
      row_number() over (partition by d.tenant_id, d.sender_id order by d.due_at) as place
    from due d
    left join senders s on s.tenant_id = d.tenant_id and s.sender_id = d.sender_id
  ), woken as (
    update tasks t set woken_at = now()
    from paced p
    where t.tenant_id = p.tenant_id and t.task_id = p.task_id
      and (p.rate_per_second is null
        or p.place <= p.rate_per_second * (input ->> 'periodSeconds')::double precision)
    returning t.type, t.tenant_id, t.task_id
  )
  select k.type::text, k.tenant_id::text, k.task_id::text, 0 from woken k;
end
$$;
