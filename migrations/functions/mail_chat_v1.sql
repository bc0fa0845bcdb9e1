-- The chat that a mail itself names: by a token, else by what it answers; null: by nothing. Of a
-- chat that was merged away the one that is left. A person without an address of mail was never told
-- a token.
--
-- item: see store_mail_v2
create or replace function mail_chat_v1(item jsonb, out chat bigint, out by_token boolean)
language plpgsql stable as $$
declare
  tenant constant bigint := (item ->> 'tenantId')::bigint;
  merged_into bigint;
begin
  select c.chat_id into chat
  from jsonb_array_elements_text(item -> 'tokens') with ordinality w (token, place)
  -- The limit keeps it a look-up for each token.
  cross join lateral (
    select k.chat_id from chats k
    where k.tenant_id = tenant and k.mail_token = w.token limit 1) c
  order by w.place limit 1;
  by_token := found;
  if not by_token then
    select m.chat_id into chat from chat_messages m
    where m.tenant_id = tenant and m.message_id = mail_answered_v1(tenant, item -> 'ids');
  end if;
  loop
    select c.merged_into_chat_id into merged_into from chats c
    where c.tenant_id = tenant and c.chat_id = chat;
    exit when merged_into is null;
    chat := merged_into;
  end loop;
  perform 1 from chats c
  join contacts o on o.tenant_id = c.tenant_id and o.person_id = c.person_id
    and o.channel = 'EMAIL'
  where c.tenant_id = tenant and c.chat_id = chat;
  if not found then
    chat := null;
    by_token := false;
  end if;
end
$$;
