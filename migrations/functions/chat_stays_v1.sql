-- Why a chat of this status is not closed or archived: on-its-way, too-early, or moved since it was looked
-- at. Null: it may be.
create or replace function chat_stays_v1(
  tenant bigint, chat bigint, wanted_status text, cutoff timestamptz) returns text
language sql volatile as $$
  select case
    when c.status <> wanted_status or c.last_activity_at >= cutoff then 'moved'
    when c.status = 'CLOSED' and coalesce(c.closed_at, c.updated_at) >= cutoff then 'too-early'
    when c.status = 'ACTIVE' and exists (
      select 1 from chat_messages m
      join tasks k on k.tenant_id = m.tenant_id and k.message_id = m.message_id
        and k.state in ('PENDING', 'CLAIMED')
      where m.tenant_id = tenant and m.chat_id = c.chat_id and m.direction = 'OUTBOUND'
        and m.status in ('QUEUED', 'SENDING', 'SENT', 'UNKNOWN')) then 'on-its-way' end
  from chats c where c.tenant_id = tenant and c.chat_id = chat
$$;
