-- The contact that an item is about, found or made, with all the identities that it names. When the
-- provider itself says that a person is now known otherwise, contacts that turn out to be one
-- become one, and what the person was called before is superseded.
create or replace function join_contact_v1(item jsonb) returns bigint
language plpgsql volatile as $$
declare
  tenant constant bigint := (item ->> 'tenantId')::bigint;
  lane constant text := item ->> 'channel';
  contact bigint := find_contact_v1(tenant, lane, item -> 'identities');
  person bigint;
begin
  if contact is null then
    insert into persons (tenant_id, name, row_token)
    values (tenant, decode(item ->> 'name', 'base64'), (item ->> 'nameToken')::uuid)
    returning person_id into person;
    insert into contacts (tenant_id, person_id, channel) values (tenant, person, lane)
    returning contact_id into contact;
  else
    update persons p set name = decode(item ->> 'name', 'base64'),
      row_token = (item ->> 'nameToken')::uuid
    from contacts c
    where c.tenant_id = tenant and c.contact_id = contact and p.tenant_id = tenant
      and p.person_id = c.person_id and p.name is null and item ->> 'name' is not null;
  end if;
  if item -> 'newIdentities' is not null then
    contact := merge_contacts_v1(tenant, lane, item -> 'identities');
  end if;
  perform add_identities_v1(tenant, contact, lane, item -> 'identities');
  if item -> 'newIdentities' is not null then
    perform supersede_identities_v1(tenant, contact, item -> 'newIdentities');
  end if;
  return contact;
end
$$;
