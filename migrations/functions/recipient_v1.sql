-- Under which identity a contact is written to, of those that still count: the phone or mail address
-- known longest, else a user id, else a parent one.
create or replace function recipient_v1(tenant bigint, contact bigint)
returns table (kind text, value bytea, row_token uuid, has_variant boolean)
language sql stable rows 1 as $$
  select i.kind, i.value, i.row_token, i.has_variant from contact_identities i
  where i.tenant_id = tenant and i.contact_id = contact and i.superseded_at is null
  order by case i.kind when 'user-id' then 1 when 'parent-user-id' then 2 else 0 end, i.created_at
  limit 1
$$;
