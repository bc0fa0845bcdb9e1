-- Makes the contacts that carry these identities one, the oldest, and their persons with them.
-- Two persons whom the business knows as two stay two. Answers the contact that is left.
-- At least one contact carries one of them.
create or replace function merge_contacts_v1(tenant bigint, lane text, identities jsonb)
returns bigint
language plpgsql volatile as $$
declare
  found_first constant bigint := find_contact_v1(tenant, lane, identities);
  kept bigint := found_first;
  other record;
begin
  for other in
    select distinct o.contact_id from jsonb_to_recordset(identities) as w (kind text, hash text)
    join contact_identities i on i.tenant_id = tenant and i.channel = lane and i.kind = w.kind
      and i.value_hash = decode(w.hash, 'base64')
    join contacts o on o.tenant_id = tenant and o.contact_id = i.contact_id
    where o.contact_id <> found_first
    order by o.contact_id
  loop
    continue when (
      select count(distinct p.external_id_hash) > 1 from contacts c
      join persons p on p.tenant_id = c.tenant_id and p.person_id = c.person_id
      where c.tenant_id = tenant and c.contact_id in (kept, other.contact_id));
    perform merge_persons_v1(tenant, min(c.person_id), max(c.person_id)) from contacts c
    where c.tenant_id = tenant and c.contact_id in (kept, other.contact_id)
    having min(c.person_id) <> max(c.person_id);
    perform move_contact_v1(
      tenant, greatest(kept, other.contact_id), least(kept, other.contact_id));
    kept := least(kept, other.contact_id);
  end loop;
  return kept;
end
$$;
