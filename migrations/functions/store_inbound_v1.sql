-- Stores one inbound message once: finds or opens person, contact and chat, numbers the message,
-- moves the chat. Answers false for a copy of one already stored.
-- The caller holds the identities' locks.
create or replace function store_inbound_v1(item jsonb) returns boolean
language plpgsql volatile as $$
declare
  tenant constant bigint := (item ->> 'tenantId')::bigint;
  lane constant text := item ->> 'channel';
  sender constant bigint := (item ->> 'senderId')::bigint;
  happened_at constant timestamptz := (item ->> 'occurredAt')::timestamptz;
  contact bigint;
  person bigint;
  chat bigint;
  message bigint;
begin
  perform 1 from chat_messages m
  where m.tenant_id = tenant and m.channel = lane and m.direction = 'INBOUND'
    and m.provider_message_id = item ->> 'providerMessageId';
  if found then
    return false;
  end if;

  contact := find_contact_v1(tenant, lane, item -> 'identities');
  if contact is null then
    insert into persons (tenant_id, name, row_token)
    values (tenant, decode(item ->> 'name', 'base64'), (item ->> 'nameToken')::uuid)
    returning person_id into person;
    insert into contacts (tenant_id, person_id, channel) values (tenant, person, lane)
    returning contact_id into contact;
  else
    select c.person_id into person from contacts c
    where c.tenant_id = tenant and c.contact_id = contact;
    update persons p set name = decode(item ->> 'name', 'base64'),
      row_token = (item ->> 'nameToken')::uuid
    where p.tenant_id = tenant and p.person_id = person and p.name is null
      and item ->> 'name' is not null;
  end if;
  perform add_identities_v1(tenant, contact, lane, item -> 'identities');

  chat := open_inbound_chat_v1(tenant, person);
  insert into chat_messages
    (tenant_id, chat_id, sequence, direction, channel, contact_id, sender_id, content_type,
     content, row_token, status, provider_message_id, reply_to_message_id, occurred_at)
  select tenant, chat, c.last_sequence + 1, 'INBOUND', lane, contact, sender,
    item ->> 'contentType', decode(item ->> 'content', 'base64'), (item ->> 'rowToken')::uuid,
    'RECEIVED', item ->> 'providerMessageId',
    (select message_id from send_attempts a
     where a.tenant_id = tenant and a.channel = lane
       and a.provider_message_id = item ->> 'replyTo'
     union all
     select m.message_id from chat_messages m
     where m.tenant_id = tenant and m.channel = lane and m.direction = 'INBOUND'
       and m.provider_message_id = item ->> 'replyTo'
     limit 1),
    happened_at
  from chats c where c.tenant_id = tenant and c.chat_id = chat
  returning message_id into message;

  update chats c set last_message_id = message, last_sequence = c.last_sequence + 1,
    unread_count = c.unread_count + 1, last_activity_at = now(), updated_at = now(),
    channels = case when lane = any (c.channels) then c.channels
      else c.channels || lane::varchar end
  where c.tenant_id = tenant and c.chat_id = chat;

  insert into contact_senders (tenant_id, contact_id, sender_id, last_inbound_at)
  values (tenant, contact, sender, happened_at)
  on conflict (tenant_id, contact_id, sender_id) do update
  set last_inbound_at = greatest(contact_senders.last_inbound_at, excluded.last_inbound_at);
  return true;
end
$$;
