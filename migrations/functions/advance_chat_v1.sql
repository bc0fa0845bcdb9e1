-- Moves a chat on to the message just stored in it, which is its next one.
create or replace function advance_chat_v1(tenant bigint, message bigint, unread integer)
returns void
language sql volatile as $$
  update chats c set last_message_id = m.message_id, last_sequence = m.sequence,
    unread_count = c.unread_count + unread, last_activity_at = now(), updated_at = now(),
    channels = case when m.channel = any (c.channels) then c.channels
      else c.channels || m.channel end
  from chat_messages m
  where m.tenant_id = tenant and m.message_id = message
    and c.tenant_id = tenant and c.chat_id = m.chat_id
$$;
