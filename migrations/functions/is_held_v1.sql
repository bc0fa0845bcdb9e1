-- Whether one of these hashes finds somebody on legal hold: by an address, or by an external id.
create or replace function is_held_v1(tenant bigint, hashes bytea[]) returns boolean
language sql stable
return cardinality(hashes) > 0 and (
  exists (
    select 1 from unnest(hashes) h (hash)
    cross join (values ('WHATSAPP', 'phone'), ('WHATSAPP', 'user-id'),
      ('WHATSAPP', 'parent-user-id'), ('EMAIL', 'email')) k (channel, kind)
    join contact_identities i on i.tenant_id = tenant and i.channel = k.channel
      and i.kind = k.kind and i.value_hash = h.hash
    join contacts c on c.tenant_id = i.tenant_id and c.contact_id = i.contact_id
    join persons p on p.tenant_id = c.tenant_id and p.person_id = c.person_id
    where p.legal_hold_at is not null)
  or exists (
    select 1 from persons p
    where p.tenant_id = tenant and p.external_id_hash = any (hashes)
      and p.legal_hold_at is not null));
