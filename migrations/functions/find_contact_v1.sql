-- The contact that carries any of these identities, or null. A user id tells more than a number,
-- which may have had another owner.
create or replace function find_contact_v1(tenant bigint, lane text, identities jsonb)
returns bigint
language sql stable
return (
  select i.contact_id from jsonb_to_recordset(identities) as w (kind text, hash text)
  join contact_identities i on i.tenant_id = tenant and i.channel = lane and i.kind = w.kind
    and i.value_hash = decode(w.hash, 'base64')
  order by case i.kind when 'user-id' then 0 when 'parent-user-id' then 2 else 1 end, i.contact_id
  limit 1);
