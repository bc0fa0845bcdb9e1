-- The chat that an inbound message goes to when it names one: that one while it is ACTIVE; else the
-- ACTIVE one of its person; else that one again, when it was closed within the tenant's reopen days;
-- else as open_inbound_chat_v1 says.
create or replace function open_named_chat_v1(tenant bigint, named bigint) returns bigint
language plpgsql volatile as $$
declare
  chat bigint;
  owner bigint;
  merged_into bigint;
begin
  select c.chat_id into chat from chats c
  where c.tenant_id = tenant and c.chat_id = named and c.status = 'ACTIVE'
  for no key update;
  if found then
    return chat;
  end if;
  owner := (select c.person_id from chats c where c.tenant_id = tenant and c.chat_id = named);
  -- Whoever opens a chat for this person, or merges the person away, holds the person's row.
  loop
    select p.merged_into_person_id into merged_into from persons p
    where p.tenant_id = tenant and p.person_id = owner
    for no key update;
    exit when merged_into is null;
    owner := merged_into;
  end loop;
  update chats c set status = 'ACTIVE', updated_at = now()
  from tenants t
  where t.tenant_id = tenant and c.tenant_id = tenant and c.chat_id = named
    and c.status = 'CLOSED' and c.merged_into_chat_id is null
    and c.updated_at > now() - t.reopen_days * interval '1 day'
    and not exists (
      select 1 from chats o
      where o.tenant_id = tenant and o.person_id = owner and o.status = 'ACTIVE')
  returning c.chat_id into chat;
  return coalesce(chat, open_inbound_chat_v1(tenant, owner));
end
$$;
