-- Ends a send that is not to be tried (again): FAILED with the reason, or UNKNOWN for good when an
-- attempt of it was abandoned and may have arrived. The caller holds the message row's lock.
create or replace function end_send_v1(tenant bigint, task bigint, why text) returns void
language plpgsql volatile as $$
declare
  message bigint;
begin
  update tasks t set state = 'DONE', reason = why, updated_at = now()
  where t.tenant_id = tenant and t.task_id = task and t.state = 'PENDING'
  returning t.message_id into message;
  update chat_messages m set status_at = now(), reason_code = null,
    status = case when unsure then 'UNKNOWN' else 'FAILED' end,
    reason = case when unsure then 'unresolved' else why end
  from (select exists (
    select 1 from send_attempts a
    where a.tenant_id = tenant and a.message_id = message
      and a.outcome in ('ABANDONED', 'UNKNOWN')) as unsure) s
  where m.tenant_id = tenant and m.message_id = message;
end
$$;
