-- Nothing is written to a person who was erased while a transaction was under way: what was learned of
-- a contact is left out; a message is refused as a conflict, and whoever repeats the call finds the
-- person gone. Of debts see keep_debt_blank_v1.
create or replace function leave_out_identity_v1() returns trigger
language plpgsql volatile as $$
begin
  perform 1 from contacts c
  join persons p on p.tenant_id = c.tenant_id and p.person_id = c.person_id
  where c.tenant_id = new.tenant_id and c.contact_id = new.contact_id and p.erased_at is not null;
  return case when found then null else new end;
end
$$;

create or replace trigger leave_out_identities before insert on contact_identities
for each row execute function leave_out_identity_v1();

create or replace function refuse_erased_v1() returns trigger
language plpgsql volatile as $$
begin
  perform 1 from chats c
  join persons p on p.tenant_id = c.tenant_id and p.person_id = c.person_id
  where c.tenant_id = new.tenant_id and c.chat_id = new.chat_id and p.erased_at is not null;
  if found then
    raise exception using errcode = '40001', message = 'the person was erased meanwhile';
  end if;
  return new;
end
$$;

create or replace trigger refuse_messages_of_erased before insert on chat_messages
for each row execute function refuse_erased_v1();
