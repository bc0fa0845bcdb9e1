-- Whether the address under which a contact is written to is suppressed, whoever else carries it. One
-- that was unsubscribed still gets what is no marketing.
create or replace function suppressed_v1(tenant bigint, contact bigint, category text)
returns boolean
language sql stable
return exists (
  select 1 from recipient_v1(tenant, contact) r
  join contact_identities i on i.tenant_id = tenant and i.contact_id = contact
    and i.row_token = r.row_token
  join suppressions s on s.tenant_id = i.tenant_id and s.channel = i.channel
    and s.value_hash = i.value_hash and s.removed_at is null
  where (s.expires_at is null or s.expires_at > now())
    and (s.reason <> 'unsubscribed' or coalesce(category = 'MARKETING', false)));
