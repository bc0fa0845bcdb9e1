-- An attempt whose answer was lost: the message shows UNKNOWN and a status check is planned,
-- unless a report has told more meanwhile. The caller holds the message row's lock.
create or replace function await_report_v1(
  tenant bigint, message bigint, attempt uuid, why text, wait interval) returns void
language plpgsql volatile as $$
begin
  update send_attempts a set outcome = 'UNKNOWN', reason = why, resolved_at = now()
  where a.tenant_id = tenant and a.attempt_id = attempt and a.outcome = 'CALLING';
  if not found then
    return;
  end if;
  update tasks t set state = 'DONE', reason = 'unknown', updated_at = now()
  where t.tenant_id = tenant and t.message_id = message and t.type = 'MESSAGE_SEND'
    and t.state = 'CLAIMED';
  update chat_messages m set status = 'UNKNOWN', reason = why, status_at = now()
  where m.tenant_id = tenant and m.message_id = message and m.status = 'SENDING';
  -- An earlier attempt has arrived meanwhile: its own check stands, at its own time.
  if not found then
    return;
  end if;
  insert into tasks (tenant_id, type, message_id, due_at, woken_at)
  values (tenant, 'MESSAGE_STATUS_CHECK', message, now() + wait,
    case when wait <= interval '900 seconds' then now() + wait end)
  on conflict (tenant_id, message_id, type) where message_id is not null
  do update set state = 'PENDING', due_at = excluded.due_at, woken_at = excluded.woken_at,
    reason = null, updated_at = now();
end
$$;
