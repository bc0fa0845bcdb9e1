-- Ends a send whose time is over: FAILED(expired), or UNKNOWN for good when an attempt of it was
-- abandoned and may have arrived. The caller holds the message row's lock.
create or replace function expire_send_v1(tenant bigint, task bigint) returns void
language plpgsql volatile as $$
declare
  message bigint;
begin
  update tasks t set state = 'DONE', reason = 'expired', updated_at = now()
  where t.tenant_id = tenant and t.task_id = task and t.state = 'PENDING'
  returning t.message_id into message;
  update chat_messages m set status_at = now(),
    status = case when unsure then 'UNKNOWN' else 'FAILED' end,
    reason = case when unsure then 'unresolved' else 'expired' end
  from (select exists (
    select 1 from send_attempts a
    where a.tenant_id = tenant and a.message_id = message
      and a.outcome in ('ABANDONED', 'UNKNOWN')) as unsure) s
  where m.tenant_id = tenant and m.message_id = message;
end
$$;
