-- Gives a contact the identities it lacks; one that another contact holds stays there.
create or replace function add_identities_v1(
  tenant bigint, contact bigint, lane text, identities jsonb) returns void
language sql volatile as $$
  insert into contact_identities
    (tenant_id, contact_id, channel, kind, value_hash, value, row_token, has_variant)
  select tenant, contact, lane, w.kind, decode(w.hash, 'base64'), decode(w.value, 'base64'),
    w."rowToken", coalesce(w."hasVariant", false)
  from jsonb_to_recordset(identities)
    as w (kind text, hash text, value text, "rowToken" uuid, "hasVariant" boolean)
  on conflict do nothing
$$;
