-- A word against being written to revokes in the ledger of consents, one that takes it back gives; in
-- the same transaction as the word itself.
create or replace function keep_consent_v1() returns trigger
language plpgsql volatile as $$
begin
  -- What add_consent_v1 does is in the ledger already.
  if current_setting('recado.consent', true) = 'on' or new.opted_out_at = '-infinity' then
    return null;
  end if;
  insert into consents
    (tenant_id, person_id, contact_id, channel, purpose, action, source, occurred_at)
  select new.tenant_id, c.person_id, new.contact_id, new.channel, lower(new.category),
    case when new.restored_at is null then 'REVOKED' else 'GIVEN' end, new.source,
    coalesce(new.restored_at, new.opted_out_at)
  from contacts c where c.tenant_id = new.tenant_id and c.contact_id = new.contact_id;
  return null;
end
$$;

create or replace trigger keep_first_consent after insert on opt_outs
for each row execute function keep_consent_v1();

create or replace trigger keep_changed_consent after update on opt_outs
for each row when ((old.restored_at is null) <> (new.restored_at is null))
execute function keep_consent_v1();

-- Nobody changes what was said.
create or replace function refuse_consent_change_v1() returns trigger
language plpgsql volatile as $$
begin
  raise exception using errcode = '42501', message = 'consents are append-only';
end
$$;

create or replace trigger refuse_consent_changes before update or delete on consents
for each row execute function refuse_consent_change_v1();
