-- Plans the status check of a message that shows SENT for the end of its time to be delivered, and
-- ends the check of one that needs none any more.
create or replace function await_delivery_v1(tenant bigint, message bigint) returns void
language sql volatile as $$
  with shown as (
    select m.status, now() + coalesce(m.report_ttl_seconds, 30 * 86400) * interval '1 second'
      as due_at
    from chat_messages m where m.tenant_id = tenant and m.message_id = message
  ), ended as (
    update tasks t set state = 'DONE', reason = 'reported', updated_at = now()
    from shown s
    where s.status <> 'SENT' and t.tenant_id = tenant and t.message_id = message
      and t.type = 'MESSAGE_STATUS_CHECK' and t.state = 'PENDING'
  )
  insert into tasks (tenant_id, type, message_id, planned_at, due_at, woken_at)
  select tenant, 'MESSAGE_STATUS_CHECK', message, s.due_at, s.due_at, null
  from shown s where s.status = 'SENT'
  on conflict (tenant_id, message_id, type) where message_id is not null
  do update set state = 'PENDING', due_at = excluded.due_at, woken_at = null, reason = null,
    updated_at = now()
$$;
