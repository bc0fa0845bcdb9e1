-- An answer of the provider that comes late for a message that is blank counts, by the digest of its
-- id, and brings nothing else with it; nor do the reports that were here before it.
create or replace function keep_attempt_blank_v1() returns trigger
language plpgsql volatile as $$
declare
  digest text;
begin
  perform 1 from chat_messages m
  where m.tenant_id = new.tenant_id and m.message_id = new.message_id
    and m.blanked_at is not null;
  if not found then
    return new;
  end if;
  digest := erased_id_v1(new.tenant_id, new.channel, new.provider_message_id);
  delete from message_status s using message_status o
  where s.tenant_id = new.tenant_id and s.channel = new.channel
    and s.provider_message_id = new.provider_message_id and o.tenant_id = s.tenant_id
    and o.channel = s.channel and o.provider_message_id = digest and o.status = s.status;
  update message_status s set provider_message_id = digest, detail = null, recipient = null,
    recipient_hash = null, suppress = null
  where s.tenant_id = new.tenant_id and s.channel = new.channel
    and s.provider_message_id = new.provider_message_id;
  new.provider_message_id := case when not exists (
    select 1 from send_attempts o
    where o.tenant_id = new.tenant_id and o.channel = new.channel
      and o.provider_message_id = digest and o.attempt_id <> new.attempt_id) then digest end;
  return new;
end
$$;

create or replace trigger keep_attempts_blank
before insert or update of provider_message_id on send_attempts
for each row when (new.provider_message_id is not null
  and new.provider_message_id not like 'erased:%')
execute function keep_attempt_blank_v1();
