-- Makes the row of a file that a client will bring. The id is made of client and key by the caller,
-- so that a repeated request names the same file.
--
-- input: see begin_request_v1; mediaId, kind, mimeType, sizeBytes, sha256?, objectKey, filename?,
--        rowToken (hash and filename in base64)
-- outcome: created | key-mismatch | client-unknown | rate-limited
create or replace function create_media_v2(input jsonb)
returns table (
  outcome text, state text, quota jsonb, retry_after_seconds double precision)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  file constant uuid := (input ->> 'mediaId')::uuid;
  request record;
begin
  select * into request from begin_request_v1(input) r;
  if request.outcome not in ('go', 'replayed') then
    return query select request.outcome, null::text, request.quota, request.retry_after_seconds;
    return;
  end if;
  insert into media
    (tenant_id, media_id, direction, kind, mime_type, size_bytes, sha256, object_key, filename,
     row_token)
  values (tenant, file, 'OUTBOUND', input ->> 'kind', input ->> 'mimeType',
    (input ->> 'sizeBytes')::bigint, decode(input ->> 'sha256', 'base64'), input ->> 'objectKey',
    decode(input ->> 'filename', 'base64'), (input ->> 'rowToken')::uuid)
  on conflict (tenant_id, media_id) do nothing;
  if request.outcome = 'go' then
    perform end_request_v1(input, jsonb_build_object('mediaId', file));
  end if;
  return query select 'created', m.state::text, request.quota, 0::double precision
  from media m where m.tenant_id = tenant and m.media_id = file;
end
$$;
