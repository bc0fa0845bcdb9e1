-- Ends the wait for reports. UNKNOWN follows the message's policy: at-least-once abandons the
-- attempt and sends again (a possible duplicate, flagged), at-most-once stays UNKNOWN for good.
--
-- input: checks: [{tenantId, taskId}]; rows: the tasks to wake.
create or replace function check_statuses_v1(input jsonb)
returns table (type text, tenant_id text, task_id text, wake_in_seconds integer)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  due record;
begin
  for due in
    select t.tenant_id, t.task_id, m.message_id, m.status, m.delivery_policy, m.expires_at
    from (select distinct w."tenantId", w."taskId" from jsonb_to_recordset(input -> 'checks')
      as w ("tenantId" bigint, "taskId" bigint)) w
    join tasks t on t.tenant_id = w."tenantId" and t.task_id = w."taskId"
      and t.type = 'MESSAGE_STATUS_CHECK'
    join chat_messages m on m.tenant_id = t.tenant_id and m.message_id = t.message_id
    order by m.tenant_id, m.message_id
    for no key update of m
  loop
    update tasks t set state = 'DONE', updated_at = now()
    where t.tenant_id = due.tenant_id and t.task_id = due.task_id
      and t.state = 'PENDING' and t.due_at <= now();
    if not found or due.status <> 'UNKNOWN' then
      continue;
    end if;
    if due.delivery_policy = 'at-most-once' or due.expires_at <= now() then
      update chat_messages m set reason = 'unresolved', status_at = now()
      where m.tenant_id = due.tenant_id and m.message_id = due.message_id;
      continue;
    end if;
    update send_attempts a set outcome = 'ABANDONED'
    where a.tenant_id = due.tenant_id and a.message_id = due.message_id and a.outcome = 'UNKNOWN';
    update chat_messages m set status = 'QUEUED', possible_duplicate = true, status_at = now()
    where m.tenant_id = due.tenant_id and m.message_id = due.message_id;
    return query
    update tasks t set state = 'PENDING', due_at = now(), woken_at = now(), reason = 'abandoned',
      updated_at = now()
    where t.tenant_id = due.tenant_id and t.message_id = due.message_id
      and t.type = 'MESSAGE_SEND'
    returning t.type::text, t.tenant_id::text, t.task_id::text, 0;
  end loop;
end
$$;
