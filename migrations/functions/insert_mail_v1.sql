-- The row of an inbound mail, the next of its chat; answers its id and leaves the chat locked.
--
-- item: see store_mail_v2
create or replace function insert_mail_v1(item jsonb, chat bigint, contact bigint) returns bigint
language plpgsql volatile as $$
declare
  tenant constant bigint := (item ->> 'tenantId')::bigint;
  answered constant bigint := mail_answered_v1(tenant, item -> 'ids');
  message bigint;
begin
  perform 1 from chats c where c.tenant_id = tenant and c.chat_id = chat for no key update;
  insert into chat_messages
    (tenant_id, chat_id, sequence, direction, channel, contact_id, sender_id, content_type,
     content, metadata, row_token, status, provider_message_id, mail_id, reply_to_message_id,
     occurred_at)
  select tenant, chat, c.last_sequence + 1, 'INBOUND', 'EMAIL', contact,
    (item ->> 'senderId')::bigint, item ->> 'contentType', decode(item ->> 'content', 'base64'),
    decode(item ->> 'metadata', 'base64'), (item ->> 'rowToken')::uuid, 'RECEIVED',
    item ->> 'providerMessageId', item ->> 'mailId', (
      select m.message_id from chat_messages m
      where m.tenant_id = tenant and m.message_id = answered and m.chat_id = chat),
    (item ->> 'occurredAt')::timestamptz
  from chats c where c.tenant_id = tenant and c.chat_id = chat
  returning message_id into message;
  return message;
end
$$;
