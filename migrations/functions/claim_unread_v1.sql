-- Gives what was not taken in, and raw mails, to the person whose erasure takes it: by the hashes of
-- whoever wrote it, and raw mails by their messages too. The mark's part: the hashes go after it.
create or replace function claim_unread_v1(tenant bigint, same bigint[], person bigint) returns void
language plpgsql volatile as $$
declare
  hashes constant bytea[] := known_hashes_v1(tenant, same);
begin
  update parked_items i set person_id = person
  where i.tenant_id = tenant and i.authors && hashes and i.person_id is null;
  update raw_mails r set person_id = person
  where r.tenant_id = tenant and r.authors && hashes and r.person_id is null;
  update raw_mails r set person_id = person
  where r.tenant_id = tenant and r.person_id is null and r.message_id in (
    select m.message_id from chats c
    join chat_messages m on m.tenant_id = c.tenant_id and m.chat_id = c.chat_id
    where c.tenant_id = tenant and c.person_id = any (same));
end
$$;
