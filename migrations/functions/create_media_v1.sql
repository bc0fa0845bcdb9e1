-- Makes the row of a file that a client will bring: knows the client, takes its token, checks the
-- key. The id is made of client and key by the caller, so that a repeated request names the same file.
--
-- input: tenantId, clientId, route, keyHash, bodyHash, keyDays, mediaId, kind, mimeType, sizeBytes,
--        sha256?, objectKey, filename?, rowToken (hash and filename in base64)
-- outcome: created | key-mismatch | client-unknown | rate-limited
create or replace function create_media_v1(input jsonb)
returns table (outcome text, state text, retry_after_seconds double precision)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  client constant bigint := (input ->> 'clientId')::bigint;
  file constant uuid := (input ->> 'mediaId')::uuid;
  key constant bytea := decode(input ->> 'keyHash', 'base64');
  body constant bytea := decode(input ->> 'bodyHash', 'base64');
  bucket record;
  known idempotency_keys%rowtype;
begin
  select * into bucket from take_client_token_v1(tenant, client) t;
  -- An answer that was lost is given again, whatever the bucket holds.
  if bucket.outcome <> 'taken' and not (bucket.outcome = 'rate-limited' and exists (
    select 1 from idempotency_keys k
    where k.tenant_id = tenant and k.client_id = client and k.route = input ->> 'route'
      and k.key_hash = key and k.expires_at > now()))
  then
    return query select bucket.outcome, null::text, bucket.retry_after_seconds;
    return;
  end if;

  insert into idempotency_keys
    (tenant_id, client_id, route, key_hash, body_hash, resource_id, answer_status, accepted_at,
     expires_at)
  values (tenant, client, input ->> 'route', key, body, 0, 201, now(),
    now() + (input ->> 'keyDays')::double precision * interval '1 day')
  on conflict (tenant_id, client_id, route, key_hash) do update
  set body_hash = excluded.body_hash, accepted_at = excluded.accepted_at,
    expires_at = excluded.expires_at
  where idempotency_keys.expires_at <= now();
  select * into known from idempotency_keys k
  where k.tenant_id = tenant and k.client_id = client and k.route = input ->> 'route'
    and k.key_hash = key;
  if known.body_hash <> body then
    return query select 'key-mismatch', null::text, 0::double precision;
    return;
  end if;

  insert into media
    (tenant_id, media_id, direction, kind, mime_type, size_bytes, sha256, object_key, filename,
     row_token)
  values (tenant, file, 'OUTBOUND', input ->> 'kind', input ->> 'mimeType',
    (input ->> 'sizeBytes')::bigint, decode(input ->> 'sha256', 'base64'), input ->> 'objectKey',
    decode(input ->> 'filename', 'base64'), (input ->> 'rowToken')::uuid)
  on conflict (tenant_id, media_id) do nothing;
  return query select 'created', m.state::text, 0::double precision
  from media m where m.tenant_id = tenant and m.media_id = file;
end
$$;
