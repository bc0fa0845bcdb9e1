-- Stores once what somebody of the business wrote on its own phone: a message that went out without
-- us. Its attempt carries the provider's id, so that reports find it. Answers the tasks that came
-- of it; null for a copy. The caller holds the identities' locks.
--
-- item: as of store_inbound_v2, without name, amends and optOut; attemptId
create or replace function store_echo_v1(item jsonb) returns bigint[]
language plpgsql volatile as $$
declare
  tenant constant bigint := (item ->> 'tenantId')::bigint;
  lane constant text := item ->> 'channel';
  happened_at constant timestamptz := (item ->> 'occurredAt')::timestamptz;
  attempt constant uuid := (item ->> 'attemptId')::uuid;
  contact bigint;
  chat bigint;
  message bigint;
  task bigint;
begin
  perform 1 from send_attempts a
  where a.tenant_id = tenant and a.channel = lane
    and a.provider_message_id in (item ->> 'providerMessageId',
      erased_id_v1(tenant, lane, item ->> 'providerMessageId'));
  if found then
    return null;
  end if;
  contact := join_contact_v1(item);
  chat := open_inbound_chat_v1(tenant, (
    select c.person_id from contacts c where c.tenant_id = tenant and c.contact_id = contact));
  insert into chat_messages
    (tenant_id, chat_id, sequence, direction, channel, contact_id, sender_id, content_type,
     content, metadata, row_token, status, origin, reply_to_message_id, occurred_at, expires_at)
  select tenant, chat, c.last_sequence + 1, 'OUTBOUND', lane, contact,
    (item ->> 'senderId')::bigint, item ->> 'contentType', decode(item ->> 'content', 'base64'),
    decode(item ->> 'metadata', 'base64'), (item ->> 'rowToken')::uuid, 'SENT', 'business-app',
    message_named_v1(tenant, lane, item ->> 'replyTo'), happened_at, happened_at
  from chats c where c.tenant_id = tenant and c.chat_id = chat
  returning message_id into message;
  perform advance_chat_v1(tenant, message, 0);

  insert into tasks
    (tenant_id, type, message_id, chat_id, channel, sequence, sender_id, state, reason, due_at,
     planned_at)
  select tenant, 'MESSAGE_SEND', m.message_id, m.chat_id, m.channel, m.sequence, m.sender_id,
    'DONE', 'business-app', happened_at, happened_at
  from chat_messages m where m.tenant_id = tenant and m.message_id = message
  returning task_id into task;
  insert into send_attempts
    (tenant_id, attempt_id, message_id, task_id, channel, number, fence, outcome,
     provider_message_id, resolved_at)
  values (tenant, attempt, message, task, lane, 1, 0, 'ACCEPTED', item ->> 'providerMessageId',
    now());
  perform await_delivery_v1(tenant, message);
  perform match_reports_v1(tenant, attempt);
  perform refresh_message_v1(tenant, message);
  return array_remove(array[store_file_v1(tenant, message, item -> 'file')], null);
end
$$;
