-- The keys under which others find or open somebody of these persons, in one order.
create or replace function erasure_locks_v1(tenant bigint, same bigint[]) returns text[]
language sql stable
return (
  select coalesce(array_agg(l.key order by l.key), '{}') from (
    select concat_ws(':', tenant, i.channel, i.kind, translate(encode(i.value_hash, 'base64'), E'\n', '')) as key
    from contacts c
    join contact_identities i on i.tenant_id = c.tenant_id and i.contact_id = c.contact_id
    where c.tenant_id = tenant and c.person_id = any (same)
    union
    select concat_ws(':', tenant, 'person', translate(encode(p.external_id_hash, 'base64'), E'\n', ''))
    from persons p
    where p.tenant_id = tenant and p.person_id = any (same) and p.external_id_hash is not null) l);
