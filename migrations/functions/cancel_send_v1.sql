-- Ends a send that nobody has claimed as CANCELLED with the reason, or UNKNOWN for good when an attempt
-- of it was abandoned and may have arrived. False: it is claimed, or ended. The caller holds the message
-- row's lock.
create or replace function cancel_send_v1(tenant bigint, task bigint, why text) returns boolean
language plpgsql volatile as $$
declare
  message bigint;
begin
  update tasks t set state = 'CANCELLED', reason = why, updated_at = now()
  where t.tenant_id = tenant and t.task_id = task and t.state = 'PENDING'
  returning t.message_id into message;
  if not found then
    return false;
  end if;
  update chat_messages m set status_at = now(), reason_code = null, decision = m.decision - 'race',
    status = case when unsure then 'UNKNOWN' else 'CANCELLED' end,
    reason = case when unsure then 'unresolved' else why end
  from (select exists (
    select 1 from send_attempts a
    where a.tenant_id = tenant and a.message_id = message
      and a.outcome in ('ABANDONED', 'UNKNOWN')) as unsure) s
  where m.tenant_id = tenant and m.message_id = message;
  return true;
end
$$;
