-- What comes late for a message that is blank: an answer of the provider or a report. It counts, by the
-- digest of its id, and brings nothing else with it.
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
  -- Reports that were here before the answer.
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

create or replace function keep_report_blank_v1() returns trigger
language plpgsql volatile as $$
declare
  digest constant text := erased_id_v1(new.tenant_id, new.channel, new.provider_message_id);
begin
  perform 1 from send_attempts a
  where a.tenant_id = new.tenant_id and a.channel = new.channel and a.provider_message_id = digest
  union all
  select 1 from send_attempts a
  join chat_messages m on m.tenant_id = a.tenant_id and m.message_id = a.message_id
  where a.tenant_id = new.tenant_id and a.attempt_id = new.attempt_id
    and m.blanked_at is not null;
  if found then
    new.provider_message_id := digest;
    new.detail := null;
    new.recipient := null;
    new.recipient_hash := null;
    new.suppress := null;
  end if;
  return new;
end
$$;

create or replace trigger keep_reports_blank before insert on message_status
for each row when (new.provider_message_id not like 'erased:%')
execute function keep_report_blank_v1();
