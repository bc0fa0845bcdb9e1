-- How every writing request of a client begins: knows the client, takes its token, and looks at its
-- Idempotency-Key, if it has one. A second request with the same key waits here for the first one's
-- commit; an answer that was lost is given again, whatever the bucket holds. Whoever is told to `go`
-- ends with end_request_v1.
--
-- input: tenantId, clientId, and of a request with a key: route, keyHash, bodyHash, keyDays
-- outcome: go | replayed (with the answer) | key-mismatch | client-unknown | rate-limited
create or replace function begin_request_v1(input jsonb)
returns table (
  outcome text, answer jsonb, quota jsonb, retry_after_seconds double precision)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  client constant bigint := (input ->> 'clientId')::bigint;
  key constant bytea := decode(input ->> 'keyHash', 'base64');
  bucket record;
  known idempotency_keys%rowtype;
begin
  select * into bucket from take_client_token_v2(tenant, client) t;
  if bucket.outcome <> 'taken' and not (bucket.outcome = 'rate-limited' and exists (
    select 1 from idempotency_keys k
    where k.tenant_id = tenant and k.client_id = client and k.route = input ->> 'route'
      and k.key_hash = key and k.expires_at > now()))
  then
    return query select bucket.outcome, null::jsonb, bucket.quota, bucket.retry_after_seconds;
    return;
  end if;
  if key is null then
    return query select 'go', null::jsonb, bucket.quota, 0::double precision;
    return;
  end if;

  insert into idempotency_keys
    (tenant_id, client_id, route, key_hash, body_hash, accepted_at, expires_at)
  values (tenant, client, input ->> 'route', key, decode(input ->> 'bodyHash', 'base64'), now(),
    now() + (input ->> 'keyDays')::double precision * interval '1 day')
  on conflict (tenant_id, client_id, route, key_hash) do update
  set body_hash = excluded.body_hash, accepted_at = excluded.accepted_at,
    expires_at = excluded.expires_at, answer = null
  where idempotency_keys.expires_at <= now();
  if found then
    return query select 'go', null::jsonb, bucket.quota, 0::double precision;
    return;
  end if;
  select * into known from idempotency_keys k
  where k.tenant_id = tenant and k.client_id = client and k.route = input ->> 'route'
    and k.key_hash = key;
  return query select
    case when known.body_hash = decode(input ->> 'bodyHash', 'base64') then 'replayed'
      else 'key-mismatch' end,
    -- Keys from before 0011 hold the message's id alone.
    coalesce(known.answer, jsonb_build_object(
      'messageId', known.resource_id::text, 'acceptedAt', iso_utc(known.accepted_at))),
    bucket.quota, 0::double precision;
end
$$;
