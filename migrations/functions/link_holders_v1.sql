-- Makes one person of whom the business names with these contacts: those who hold one of them because
-- they wrote first are merged, the older person survives. Answers the person, null when nobody is
-- known yet; and whether a contact belongs to somebody else whom the business knows, which changes
-- nothing. The caller holds the identities' locks.
--
-- contacts: [{channel, kind, hash, value, rowToken}]
create or replace function link_holders_v1(
  tenant bigint, known_person bigint, external_hash bytea, contacts jsonb,
  out person bigint, out is_taken boolean)
language plpgsql volatile as $$
declare
  contact jsonb;
  owner persons%rowtype;
begin
  person := known_person;
  is_taken := false;
  -- First see that no contact belongs to somebody else, then touch anything.
  for contact in select c.value from jsonb_array_elements(contacts) c loop
    select p.* into owner from contacts c
    join persons p on p.tenant_id = c.tenant_id and p.person_id = c.person_id
    where c.tenant_id = tenant and c.contact_id = find_contact_v1(
      tenant, contact ->> 'channel', jsonb_build_array(contact));
    if found and owner.person_id is distinct from known_person
      and owner.external_id_hash is not null
      and owner.external_id_hash is distinct from external_hash
    then
      is_taken := true;
      return;
    end if;
  end loop;

  for contact in select c.value from jsonb_array_elements(contacts) c loop
    select p.* into owner from contacts c
    join persons p on p.tenant_id = c.tenant_id and p.person_id = c.person_id
    where c.tenant_id = tenant and c.contact_id = find_contact_v1(
      tenant, contact ->> 'channel', jsonb_build_array(contact));
    if found then
      person := case when person is null or person = owner.person_id then owner.person_id
        else merge_persons_v1(
          tenant, least(person, owner.person_id), greatest(person, owner.person_id)) end;
    end if;
  end loop;
end
$$;
