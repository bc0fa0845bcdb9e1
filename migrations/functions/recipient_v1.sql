-- Under which identity a contact is written to: the phone or mail address known longest, else a
-- user id.
create or replace function recipient_v1(tenant bigint, contact bigint)
returns table (kind text, value bytea, row_token uuid, has_variant boolean)
language sql stable rows 1 as $$
  select i.kind, i.value, i.row_token, i.has_variant from contact_identities i
  where i.tenant_id = tenant and i.contact_id = contact
  order by case i.kind when 'phone' then 0 when 'email' then 0 else 1 end, i.created_at
  limit 1
$$;
