-- Retires the contacts of a person that a list does not name. One that is known by a user id only
-- stays: no list can name it.
--
-- contacts: see link_holders_v1
create or replace function retire_contacts_v1(tenant bigint, person bigint, contacts jsonb)
returns void
language sql volatile as $$
  update contacts c set retired_at = now()
  where c.tenant_id = tenant and c.person_id = person and c.retired_at is null
    and exists (
      select 1 from contact_identities i
      where i.tenant_id = tenant and i.contact_id = c.contact_id and i.kind in ('phone', 'email')
        and i.superseded_at is null)
    and not exists (
      select 1 from jsonb_array_elements(contacts) w
      where c.contact_id = find_contact_v1(
        tenant, w.value ->> 'channel', jsonb_build_array(w.value)))
$$;
