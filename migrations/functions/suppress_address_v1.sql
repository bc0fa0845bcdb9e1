-- Suppresses an address, or strengthens the suppression that it has: by a stronger reason, or by the
-- same for longer. Answers the living row, and whether it is new.
--
-- given: hash, value, rowToken, reason, source, clientId?, expiresAt?
create or replace function suppress_address_v1(
  tenant bigint, lane text, given jsonb, out suppression bigint, out is_new boolean)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  address constant bytea := decode(given ->> 'hash', 'base64');
begin
  update suppressions s set removed_at = s.expires_at, removed_by = 'expiry'
  where s.tenant_id = tenant and s.channel = lane and s.value_hash = address
    and s.removed_at is null and s.expires_at <= now();

  insert into suppressions
    (tenant_id, channel, value_hash, value, row_token, reason, source, client_id, expires_at)
  values (tenant, lane, address, decode(given ->> 'value', 'base64'),
    (given ->> 'rowToken')::uuid, given ->> 'reason', given ->> 'source',
    (given ->> 'clientId')::bigint, (given ->> 'expiresAt')::timestamptz)
  on conflict (tenant_id, channel, value_hash) where removed_at is null do nothing
  returning suppression_id into suppression;
  is_new := found;
  if is_new then
    return;
  end if;

  -- Of somebody who was erased only the hash was kept; whoever names the address anew is shown it.
  update suppressions s set value = decode(given ->> 'value', 'base64'),
    row_token = (given ->> 'rowToken')::uuid
  where s.tenant_id = tenant and s.channel = lane and s.value_hash = address
    and s.removed_at is null and s.value is null;
  update suppressions s set reason = given ->> 'reason', source = given ->> 'source',
    client_id = (given ->> 'clientId')::bigint, expires_at = (given ->> 'expiresAt')::timestamptz
  where s.tenant_id = tenant and s.channel = lane and s.value_hash = address
    and s.removed_at is null
    and (suppression_strength(given ->> 'reason') > suppression_strength(s.reason)
      or (given ->> 'reason' = s.reason
        and coalesce((given ->> 'expiresAt')::timestamptz, 'infinity') > s.expires_at));
  select s.suppression_id into suppression from suppressions s
  where s.tenant_id = tenant and s.channel = lane and s.value_hash = address
    and s.removed_at is null;
end
$$;
