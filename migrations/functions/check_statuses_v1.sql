-- Ends the wait for reports. UNKNOWN follows the message's policy: at-least-once abandons the
-- attempt and sends again (a possible duplicate, flagged), at-most-once stays UNKNOWN for good.
-- SENT without delivery by its time is EXPIRED, after one look at the provider's history where the
-- sender has that switched on.
--
-- input: probeWaitSeconds, checks: [{tenantId, taskId}]
-- rows: the tasks to wake; with provider_message_id, what to look up first.
create or replace function check_statuses_v1(input jsonb)
returns table (
  type text, tenant_id text, task_id text, wake_in_seconds integer, provider_message_id text,
  sender_id text, phone_number_id text, waba_id text, secret_name text)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  due record;
  probed record;
begin
  for due in
    select t.tenant_id, t.task_id, m.message_id, m.status, m.delivery_policy, m.expires_at,
      m.sender_id
    from (select distinct w."tenantId", w."taskId" from jsonb_to_recordset(input -> 'checks')
      as w ("tenantId" bigint, "taskId" bigint)) w
    join tasks t on t.tenant_id = w."tenantId" and t.task_id = w."taskId"
      and t.type = 'MESSAGE_STATUS_CHECK'
    join chat_messages m on m.tenant_id = t.tenant_id and m.message_id = t.message_id
    order by m.tenant_id, m.message_id
    for no key update of m
  loop
    if due.status = 'SENT' then
      select a.provider_message_id, s.phone_number_id, s.waba_id, s.secret_name into probed
      from send_attempts a
      join senders s on s.tenant_id = a.tenant_id and s.sender_id = due.sender_id
        and s.history_probe
      join tasks t on t.tenant_id = a.tenant_id and t.task_id = due.task_id
        and t.state = 'PENDING' and t.due_at <= now() and not t.payload ? 'probed'
      where a.tenant_id = due.tenant_id and a.message_id = due.message_id
        and a.provider_message_id is not null
      order by a.number desc limit 1;
      if found then
        update tasks t set payload = t.payload || '{"probed": true}', updated_at = now(),
          due_at = now()
            + (input ->> 'probeWaitSeconds')::double precision * interval '1 second',
          woken_at = now()
            + (input ->> 'probeWaitSeconds')::double precision * interval '1 second'
        where t.tenant_id = due.tenant_id and t.task_id = due.task_id;
        return query select 'MESSAGE_STATUS_CHECK', due.tenant_id::text, due.task_id::text,
          least(900, ceil((input ->> 'probeWaitSeconds')::double precision))::integer,
          probed.provider_message_id::text, due.sender_id::text, probed.phone_number_id::text,
          probed.waba_id::text, probed.secret_name::text;
        continue;
      end if;
    end if;

    update tasks t set state = 'DONE', updated_at = now()
    where t.tenant_id = due.tenant_id and t.task_id = due.task_id
      and t.state = 'PENDING' and t.due_at <= now();
    if not found then
      -- The first answer may have been lost: what it told to wake is told again.
      return query
      select t.type::text, t.tenant_id::text, t.task_id::text, 0, null::text, null::text,
        null::text, null::text, null::text
      from tasks t
      where t.tenant_id = due.tenant_id and t.message_id = due.message_id
        and t.type = 'MESSAGE_SEND' and t.state = 'PENDING' and t.reason = 'abandoned';
      continue;
    end if;
    if due.status = 'SENT' then
      update chat_messages m set status = 'EXPIRED', reason = 'no-delivery-report',
        status_at = now()
      where m.tenant_id = due.tenant_id and m.message_id = due.message_id;
    elsif due.status = 'UNKNOWN'
      and (due.delivery_policy = 'at-most-once' or due.expires_at <= now())
    then
      update chat_messages m set reason = 'unresolved', status_at = now()
      where m.tenant_id = due.tenant_id and m.message_id = due.message_id;
    elsif due.status = 'UNKNOWN' then
      update send_attempts a set outcome = 'ABANDONED'
      where a.tenant_id = due.tenant_id and a.message_id = due.message_id
        and a.outcome = 'UNKNOWN';
      update chat_messages m set status = 'QUEUED', reason = 'abandoned',
        possible_duplicate = true, status_at = now()
      where m.tenant_id = due.tenant_id and m.message_id = due.message_id;
      return query
      update tasks t set state = 'PENDING', due_at = now(), woken_at = now(), slot_at = null,
        reason = 'abandoned', updated_at = now()
      where t.tenant_id = due.tenant_id and t.message_id = due.message_id
        and t.type = 'MESSAGE_SEND'
      returning t.type::text, t.tenant_id::text, t.task_id::text, 0, null::text, null::text,
        null::text, null::text, null::text;
    end if;
  end loop;
end
$$;
