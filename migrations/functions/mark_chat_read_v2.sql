-- Marks a chat as read. The receipt for its newest WhatsApp message of the person is planned unless
-- the provider has it already, or the message is blank; who asks for typing has it told again.
--
-- input: tenantId, clientId, chatId, typing, typingSeconds
-- outcome: read | client-unknown | rate-limited | chat-not-found; with the receipt to wake.
create or replace function mark_chat_read_v2(input jsonb)
returns table (
  outcome text, quota jsonb, retry_after_seconds double precision, type text, tenant_id text, task_id text,
  wake_in_seconds integer)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  read_chat constant bigint := (input ->> 'chatId')::bigint;
  typing constant boolean := (input ->> 'typing')::boolean;
  request record;
  newest bigint;
  planned bigint;
begin
  select * into request from begin_request_v1(input) r;
  if request.outcome <> 'go' then
    return query select request.outcome, request.quota, request.retry_after_seconds, null::text,
      null::text, null::text, null::integer;
    return;
  end if;
  -- What the person writes from here on waits for this lock and stays unread.
  update chats c set unread_count = 0,
    updated_at = case when c.unread_count = 0 then c.updated_at else now() end
  where c.tenant_id = tenant and c.chat_id = read_chat;
  if not found then
    return query select 'chat-not-found', request.quota, 0::double precision, null::text,
      null::text, null::text, null::integer;
    return;
  end if;

  select m.message_id into newest from chat_messages m
  where m.tenant_id = tenant and m.chat_id = read_chat and m.direction = 'INBOUND'
    and m.channel = 'WHATSAPP'
  order by m.sequence desc limit 1;
  if found and not exists (
    select 1 from chat_messages m
    where m.tenant_id = tenant and m.message_id = newest and m.blanked_at is not null)
  then
    insert into tasks (tenant_id, type, message_id, payload, due_at, woken_at)
    values (tenant, 'READ_RECEIPT', newest,
      case when typing then jsonb_build_object('typingUntil', iso_utc(
        now() + (input ->> 'typingSeconds')::double precision * interval '1 second'))
        else '{}' end,
      now(), now())
    on conflict (tenant_id, message_id, type) where message_id is not null do update
    set state = 'PENDING', payload = excluded.payload, due_at = excluded.due_at,
      woken_at = excluded.woken_at, attempts = 0, reason = null, updated_at = now(),
      -- Whoever tells it at this moment ends nothing of what was asked for just now.
      fence = tasks.fence + 1
    where typing or tasks.state in ('DEAD', 'CANCELLED')
    returning tasks.task_id into planned;
  end if;
  return query select 'read', request.quota, 0::double precision,
    case when planned is not null then 'READ_RECEIPT' end,
    case when planned is not null then tenant::text end, planned::text,
    case when planned is not null then 0 end;
end
$$;
