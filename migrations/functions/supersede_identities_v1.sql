-- Of each kind that the provider names anew, only the new identity of a contact is current: nobody
-- is written to under an old number. One that somebody else holds supersedes nothing.
create or replace function supersede_identities_v1(
  tenant bigint, contact bigint, identities jsonb) returns void
language sql volatile as $$
  with renewed as (
    select i.kind, i.value_hash from jsonb_to_recordset(identities) as w (kind text, hash text)
    join contact_identities i on i.tenant_id = tenant and i.contact_id = contact
      and i.kind = w.kind and i.value_hash = decode(w.hash, 'base64'))
  update contact_identities i set superseded_at =
    case when i.value_hash = r.value_hash then null else coalesce(i.superseded_at, now()) end
  from renewed r
  where i.tenant_id = tenant and i.contact_id = contact and i.kind = r.kind
$$;
