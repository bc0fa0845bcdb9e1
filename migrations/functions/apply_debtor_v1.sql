-- Finds or makes the person of a movement by the business system's id, and gives them the contacts that
-- nobody else has whom the business knows. The caller holds the identities' locks.
--
-- told: {externalId: {hash, value}, name?, nameToken, contacts: see link_holders_v1}
-- notice: contact-taken (the others were taken in), no-contacts (the person has none), or null
create or replace function apply_debtor_v1(tenant bigint, told jsonb, out person bigint, out notice text)
language plpgsql volatile as $$
declare
  external_hash constant bytea := decode(told #>> '{externalId,hash}', 'base64');
  contact jsonb;
  linked record;
  given jsonb := '[]';
begin
  select p.person_id into person from persons p
  where p.tenant_id = tenant and p.external_id_hash = external_hash;
  for contact in select c.value from jsonb_array_elements(told -> 'contacts') c loop
    select * into linked
    from link_holders_v1(tenant, person, external_hash, jsonb_build_array(contact));
    if linked.is_taken then
      notice := 'contact-taken';
    else
      person := linked.person;
      given := given || jsonb_build_array(contact);
    end if;
  end loop;
  if person is null then
    insert into persons (tenant_id, external_id_hash, external_id, name, row_token)
    values (tenant, external_hash, decode(told #>> '{externalId,value}', 'base64'),
      decode(told ->> 'name', 'base64'), (told ->> 'nameToken')::uuid)
    returning person_id into person;
  else
    update persons p set external_id_hash = external_hash,
      external_id = decode(told #>> '{externalId,value}', 'base64'),
      name = coalesce(decode(told ->> 'name', 'base64'), p.name),
      row_token = case when told ->> 'name' is null then p.row_token
        else (told ->> 'nameToken')::uuid end
    where p.tenant_id = tenant and p.person_id = person
      and (p.external_id_hash is distinct from external_hash or told ->> 'name' is not null);
  end if;
  perform add_contacts_v1(tenant, person, given);
  perform show_channels_v1(tenant, person);
  if notice is null and not exists (
    select 1 from contacts c
    where c.tenant_id = tenant and c.person_id = person and c.retired_at is null)
  then
    notice := 'no-contacts';
  end if;
end
$$;
