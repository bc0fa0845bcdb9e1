-- The chat where a contact's person was last talked with, open or not; a new one for a stranger.
create or replace function last_chat_v1(tenant bigint, contact bigint) returns bigint
language plpgsql volatile as $$
declare
  person constant bigint := (
    select c.person_id from contacts c where c.tenant_id = tenant and c.contact_id = contact);
  chat bigint;
begin
  select c.chat_id into chat from chats c
  where c.tenant_id = tenant and c.person_id = person and c.merged_into_chat_id is null
  order by c.status = 'ACTIVE' desc, c.last_activity_at desc, c.chat_id desc limit 1
  for no key update;
  return coalesce(chat, open_inbound_chat_v1(tenant, person));
end
$$;
