-- All hashes that these persons are found by: those of their addresses and of their external ids.
create or replace function known_hashes_v1(tenant bigint, same bigint[]) returns bytea[]
language sql stable
return (
  select coalesce(array_agg(k.hash), '{}') from (
    select i.value_hash as hash from contacts c
    join contact_identities i on i.tenant_id = c.tenant_id and i.contact_id = c.contact_id
    where c.tenant_id = tenant and c.person_id = any (same)
    union
    select p.external_id_hash from persons p
    where p.tenant_id = tenant and p.person_id = any (same) and p.external_id_hash is not null) k);
