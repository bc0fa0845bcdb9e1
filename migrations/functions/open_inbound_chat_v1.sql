-- The chat that an inbound message of a person goes to: the ACTIVE one; else the last CLOSED one, when
-- it was closed within the tenant's reopen days; else a new one. ARCHIVED never reopens.
create or replace function open_inbound_chat_v1(tenant bigint, person bigint) returns bigint
language plpgsql volatile as $$
declare
  chat bigint;
  owner bigint := person;
  merged_into bigint;
begin
  select c.chat_id into chat from chats c
  where c.tenant_id = tenant and c.person_id = person and c.status = 'ACTIVE'
  for no key update;
  if found then
    return chat;
  end if;

  -- Whoever opens, closes or archives a chat of this person, or merges the person away, holds the
  -- person's row.
  loop
    select p.merged_into_person_id into merged_into from persons p
    where p.tenant_id = tenant and p.person_id = owner
    for no key update;
    exit when merged_into is null;
    owner := merged_into;
  end loop;
  select c.chat_id into chat from chats c
  where c.tenant_id = tenant and c.person_id = owner and c.status = 'ACTIVE'
  for no key update;
  if found then
    return chat;
  end if;
  update chats c set status = 'ACTIVE', updated_at = now()
  where c.tenant_id = tenant and c.chat_id = (
    select l.chat_id from chats l
    join tenants t on t.tenant_id = l.tenant_id
    where l.tenant_id = tenant and l.person_id = owner and l.status = 'CLOSED'
      and l.merged_into_chat_id is null
      and coalesce(l.closed_at, l.updated_at) > now() - t.reopen_days * interval '1 day'
    order by l.last_activity_at desc, l.chat_id desc limit 1)
  returning c.chat_id into chat;
  if not found then
    insert into chats (tenant_id, person_id) values (tenant, owner) returning chat_id into chat;
  end if;
  return chat;
end
$$;
