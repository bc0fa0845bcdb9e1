-- Gives a person the contacts that nobody holds yet, and uses again those of theirs that were
-- retired.
--
-- contacts: see link_holders_v1
create or replace function add_contacts_v1(tenant bigint, person bigint, contacts jsonb) returns void
language plpgsql volatile as $$
declare
  contact jsonb;
  known bigint;
begin
  for contact in select c.value from jsonb_array_elements(contacts) c loop
    known := find_contact_v1(tenant, contact ->> 'channel', jsonb_build_array(contact));
    if known is null then
      insert into contacts (tenant_id, person_id, channel)
      values (tenant, person, contact ->> 'channel') returning contact_id into known;
      perform add_identities_v1(
        tenant, known, contact ->> 'channel', jsonb_build_array(contact));
    else
      update contacts c set retired_at = null
      where c.tenant_id = tenant and c.contact_id = known and c.retired_at is not null;
    end if;
  end loop;
end
$$;
