-- The contact that a mail is of, null for nobody's, and whether that contact wrote it. In a chat that
-- the mail names it is always one of that chat's person: a token lets anybody who holds it write
-- there. An unknown address with a token becomes one more identity of that contact when its domain
-- vouches for it; sends still go to the one known longest. No program's address becomes anybody's.
--
-- item: see store_mail_v2
create or replace function mail_contact_v1(
  item jsonb, chat bigint, by_token boolean, out contact bigint, out is_author boolean)
language plpgsql volatile as $$
declare
  tenant constant bigint := (item ->> 'tenantId')::bigint;
  known constant bigint := find_contact_v1(tenant, 'EMAIL', item -> 'identities');
  may_join constant boolean := known is null and item -> 'identities' <> '[]'
    and item ->> 'automatic' is null;
  person bigint;
begin
  if chat is null then
    contact := case when may_join then join_contact_v1(item) else known end;
    is_author := true;
    return;
  end if;
  select c.person_id into person from chats c where c.tenant_id = tenant and c.chat_id = chat;
  select c.contact_id into contact from contacts c
  where c.tenant_id = tenant and c.contact_id = known and c.person_id = person;
  is_author := found;
  if is_author then
    return;
  end if;
  contact := (
    select min(c.contact_id) from contacts c
    where c.tenant_id = tenant and c.person_id = person and c.channel = 'EMAIL');
  is_author := may_join and by_token and (item ->> 'isProven')::boolean;
  if is_author then
    perform add_identities_v1(tenant, contact, 'EMAIL', item -> 'identities');
  end if;
end
$$;
