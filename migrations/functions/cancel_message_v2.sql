-- Cancels a message that nobody has claimed; one that is cancelled already stays so.
-- input: tenantId, clientId, chatId, messageId, patienceSeconds
-- outcome: cancelled | client-unknown | rate-limited | message-not-found | message-claimed; with the
--        lane's new head to wake.
create or replace function cancel_message_v2(input jsonb)
returns table (
  outcome text, quota jsonb, retry_after_seconds double precision, type text, tenant_id text,
  task_id text, wake_in_seconds integer)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  patience constant interval :=
    (input ->> 'patienceSeconds')::double precision * interval '1 second';
  request record;
  message chat_messages%rowtype;
begin
  select * into request from begin_request_v1(input) r;
  if request.outcome <> 'go' then
    return query select request.outcome, request.quota, request.retry_after_seconds, null::text,
      null::text, null::text, null::integer;
    return;
  end if;
  perform 1 from chats c
  where c.tenant_id = tenant and c.chat_id = (input ->> 'chatId')::bigint
  for no key update;
  select * into message from chat_messages m
  where m.tenant_id = tenant and m.message_id = (input ->> 'messageId')::bigint
    and m.chat_id = (input ->> 'chatId')::bigint and m.direction = 'OUTBOUND'
  for no key update;
  if not found then
    return query select 'message-not-found', request.quota, 0::double precision, null::text,
      null::text, null::text, null::integer;
    return;
  end if;
  if message.status <> 'CANCELLED' then
    update tasks t set state = 'CANCELLED', updated_at = now()
    where t.tenant_id = tenant and t.message_id = message.message_id
      and t.type = 'MESSAGE_SEND' and t.state = 'PENDING';
    if not found then
      return query select 'message-claimed', request.quota, 0::double precision, null::text,
        null::text, null::text, null::integer;
      return;
    end if;
    update chat_messages m set status = 'CANCELLED', reason = null, reason_code = null,
      status_at = now()
    where m.tenant_id = tenant and m.message_id = message.message_id;
  end if;
  return query
  with woken as (
    update tasks t set woken_at = now()
    from lane_heads_v1(tenant, message.chat_id, message.channel, patience) h
    where t.tenant_id = h.tenant_id and t.task_id = h.task_id
    returning t.type, t.tenant_id, t.task_id)
  select 'cancelled', request.quota, 0::double precision, k.type::text, k.tenant_id::text, k.task_id::text, 0
  from (select 1) always left join woken k on true;
end
$$;
