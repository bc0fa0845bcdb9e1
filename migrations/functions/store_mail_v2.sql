-- Stores one inbound mail once: finds or opens its chat, numbers the message, moves the chat. What a
-- program wrote is kept where it belongs and moves nothing. What belongs nowhere is parked.
-- The caller holds the locks of store_mails_v1.
--
-- item: tenantId, senderId, channel: EMAIL, providerMessageId, mailId?, tokens: [], ids: see
--       mail_answered_v1, identities: [{kind, hash, value, rowToken}] of the author or none, name?,
--       nameToken, isProven, isUnverified, guard?: what it is parked for without a token,
--       automatic?, occurredAt, contentType, content, metadata, rowToken, files: see
--       store_attachments_v1, optOut?: {word: stop | resume, confirmation?}
-- outcome: stored, with the task that came of it | copy | parked, with the reason; message: the one
--          that was stored, or that it is a copy of
create or replace function store_mail_v2(
  item jsonb, out outcome text, out why text, out task bigint, out message bigint)
language plpgsql volatile as $$
declare
  tenant constant bigint := (item ->> 'tenantId')::bigint;
  is_automatic constant boolean := item ->> 'automatic' is not null;
  named record;
  author record;
  chat bigint;
begin
  outcome := 'copy';
  select m.message_id into message from chat_messages m
  where m.tenant_id = tenant and m.channel = 'EMAIL' and m.direction = 'INBOUND'
    and m.provider_message_id in (item ->> 'providerMessageId',
      erased_id_v1(tenant, 'EMAIL', item ->> 'providerMessageId'))
  union all
  select m.message_id from chat_messages m
  where m.tenant_id = tenant and m.direction = 'INBOUND'
    and m.mail_id = erased_id_v1(tenant, 'EMAIL', item ->> 'mailId');
  if found then
    return;
  end if;
  select * into named from mail_chat_v1(item);
  if named.by_token or item ->> 'guard' is null then
    select * into author from mail_contact_v1(item, named.chat, named.by_token);
    why := case when author.contact is null then coalesce(item ->> 'automatic', 'author-unknown') end;
  else
    why := item ->> 'guard';
  end if;
  if why is not null then
    outcome := 'parked';
    return;
  end if;
  -- SES takes a mail twice when the sender's server missed the answer to the first time.
  select m.message_id into message from chat_messages m
  where m.tenant_id = tenant and m.mail_id = item ->> 'mailId' and m.direction = 'INBOUND'
    and m.contact_id = author.contact;
  if found then
    return;
  end if;

  chat := case
    when named.chat is null and is_automatic then last_chat_v1(tenant, author.contact)
    when named.chat is null then open_inbound_chat_v1(tenant, (
      select c.person_id from contacts c
      where c.tenant_id = tenant and c.contact_id = author.contact))
    when is_automatic then named.chat
    else open_named_chat_v1(tenant, named.chat) end;
  message := insert_mail_v1(item, chat, author.contact);
  perform store_attachments_v1(tenant, message, item -> 'files');
  outcome := 'stored';
  if is_automatic then
    update chats c set last_sequence = c.last_sequence + 1
    where c.tenant_id = tenant and c.chat_id = chat;
    return;
  end if;
  perform advance_chat_v1(tenant, message, 1);
  if author.is_author then
    insert into contact_senders (tenant_id, contact_id, sender_id, last_inbound_at)
    values (tenant, author.contact, (item ->> 'senderId')::bigint,
      (item ->> 'occurredAt')::timestamptz)
    on conflict (tenant_id, contact_id, sender_id) do update
    set last_inbound_at = greatest(contact_senders.last_inbound_at, excluded.last_inbound_at);
  end if;
  -- Anybody can write any address into a mail: whom nothing vouches for opts nobody out.
  if named.by_token or not (item ->> 'isUnverified')::boolean then
    task := take_opt_out_word_v1(tenant, message, item -> 'optOut');
  end if;
end
$$;
