-- Stores one inbound message once: finds or opens person, contact and chat, numbers the message,
-- moves the chat; an edit or a withdrawal changes the message it is about instead. Answers the
-- tasks that came of it; null for a copy and for what is about a message that was
-- blanked. The caller holds the identities' locks.
--
-- item: tenantId, senderId, channel, providerMessageId, identities: [{kind, hash, value,
--       rowToken}], newIdentities? (of what the provider itself says of a person), name?, nameToken,
--       occurredAt, contentType, content, metadata?, rowToken, replyTo?, file?: see store_file_v1,
--       amends?: see amend_message_v1, optOut?: {word: stop | resume, confirmation?}
create or replace function store_inbound_v2(item jsonb) returns bigint[]
language plpgsql volatile as $$
declare
  tenant constant bigint := (item ->> 'tenantId')::bigint;
  lane constant text := item ->> 'channel';
  sender constant bigint := (item ->> 'senderId')::bigint;
  happened_at constant timestamptz := (item ->> 'occurredAt')::timestamptz;
  is_news constant boolean := item -> 'newIdentities' is not null;
  contact bigint;
  chat bigint;
  message bigint;
  amended record;
begin
  perform 1 from chat_messages m
  where m.tenant_id = tenant and m.channel = lane and m.direction = 'INBOUND'
    and m.provider_message_id in (item ->> 'providerMessageId',
      erased_id_v1(tenant, lane, item ->> 'providerMessageId'),
      erased_id_v1(tenant, lane, item #>> '{amends,providerMessageId}'));
  if found then
    return null;
  end if;
  contact := join_contact_v1(item);
  if item -> 'amends' is not null then
    select * into amended from amend_message_v1(item, contact);
    if amended.outcome <> 'no-original' then
      return case when amended.outcome = 'applied' then amended.tasks end;
    end if;
  end if;

  chat := case when is_news then last_chat_v1(tenant, contact)
    else open_inbound_chat_v1(tenant, (
      select c.person_id from contacts c where c.tenant_id = tenant and c.contact_id = contact))
    end;
  insert into chat_messages
    (tenant_id, chat_id, sequence, direction, channel, contact_id, sender_id, content_type,
     content, metadata, row_token, status, provider_message_id, reply_to_message_id, occurred_at)
  select tenant, chat, c.last_sequence + 1, 'INBOUND', lane, contact, sender,
    item ->> 'contentType', decode(item ->> 'content', 'base64'),
    decode(item ->> 'metadata', 'base64'), (item ->> 'rowToken')::uuid, 'RECEIVED',
    item ->> 'providerMessageId', message_named_v1(tenant, lane, item ->> 'replyTo'), happened_at
  from chats c where c.tenant_id = tenant and c.chat_id = chat
  returning message_id into message;

  if is_news then
    update chats c set last_sequence = c.last_sequence + 1
    where c.tenant_id = tenant and c.chat_id = chat;
    return '{}';
  end if;
  perform advance_chat_v1(tenant, message, 1);
  update contacts c set retired_at = null
  where c.tenant_id = tenant and c.contact_id = contact and c.retired_at is not null;
  insert into contact_senders (tenant_id, contact_id, sender_id, last_inbound_at)
  values (tenant, contact, sender, happened_at)
  on conflict (tenant_id, contact_id, sender_id) do update
  set last_inbound_at = greatest(contact_senders.last_inbound_at, excluded.last_inbound_at);
  return array_remove(array[
    store_file_v1(tenant, message, item -> 'file'),
    take_opt_out_word_v1(tenant, message, item -> 'optOut')], null);
end
$$;
