-- Tells a person's word against being written to, and for it once it had been against.
create or replace function tell_opt_out_v1() returns trigger
language plpgsql volatile as $$
begin
  insert into events (tenant_id, type, person_id, detail)
  select new.tenant_id,
    case when new.restored_at is null then 'contact.optedOut' else 'contact.optedIn' end,
    c.person_id,
    jsonb_build_object(
      'contactId', new.contact_id::text,
      'channel', new.channel,
      'category', new.category,
      'source', new.source)
  from contacts c where c.tenant_id = new.tenant_id and c.contact_id = new.contact_id;
  return null;
end
$$;

create or replace trigger tell_new_opt_out after insert on opt_outs
for each row when (new.restored_at is null) execute function tell_opt_out_v1();

create or replace trigger tell_changed_opt_out after update on opt_outs
for each row when ((old.restored_at is null) <> (new.restored_at is null))
execute function tell_opt_out_v1();
