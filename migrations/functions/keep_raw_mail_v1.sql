-- Notes where a raw mail of a tenant lies, whose it is, and the message that was made of it; a copy
-- changes nothing. The lock is the one that the mark of an erasure takes: a mail that is a copy of what
-- was erased meanwhile goes with it.
--
-- item: tenantId, objectKey? (without one there is nothing to note), occurredAt, authors: [{kind, hash}]
create or replace function keep_raw_mail_v1(item jsonb, message bigint) returns void
language plpgsql volatile as $$
declare
  tenant constant bigint := (item ->> 'tenantId')::bigint;
begin
  if item ->> 'objectKey' is null then
    return;
  end if;
  perform 1 from chats c
  where c.tenant_id = tenant and c.chat_id = (
    select m.chat_id from chat_messages m where m.tenant_id = tenant and m.message_id = message)
  for share;
  insert into raw_mails as r
    (tenant_id, object_key, message_id, authors, person_id, received_at)
  values (tenant, item ->> 'objectKey', message, author_hashes_v1(item -> 'authors'), (
    select p.person_id from chat_messages m
    join chats c on c.tenant_id = m.tenant_id and c.chat_id = m.chat_id
    join persons p on p.tenant_id = c.tenant_id and p.person_id = c.person_id
    where m.tenant_id = tenant and m.message_id = message and p.erased_at is not null),
    (item ->> 'occurredAt')::timestamptz)
  on conflict (tenant_id, object_key) do update
  set message_id = excluded.message_id, person_id = coalesce(r.person_id, excluded.person_id)
  where r.message_id is null and excluded.message_id is not null;
end
$$;
