-- Claims files to fetch, as claim_jobs_v1 claims any job, with all that fetching needs.
--
-- input: as claim_jobs_v1, and mediaIdSeconds: how long the provider knows an inbound file
-- rows without media_id: nothing is left to fetch (the file has ended or is not there).
create or replace function claim_media_v1(input jsonb)
returns table (
  tenant_id bigint, task_id bigint, message_id bigint, payload jsonb, fence bigint,
  attempts integer, media_id text, object_key text, mime_type text, provider_media_id bytea,
  row_token text, phone_number_id text, secret_name text, expires_in_seconds double precision)
language sql volatile as $$
  select j.tenant_id, j.task_id, j.message_id, j.payload, j.fence, j.attempts, m.media_id::text,
    m.object_key, m.mime_type, m.provider_media_id, m.row_token::text, s.phone_number_id,
    s.secret_name,
    extract(epoch from m.created_at - now())::double precision
      + (input ->> 'mediaIdSeconds')::double precision
  from claim_jobs_v1(input) j
  left join (media m join senders s on s.tenant_id = m.tenant_id and s.sender_id = m.sender_id)
    on m.tenant_id = j.tenant_id and m.media_id = (j.payload ->> 'mediaId')::uuid
    and m.direction = 'INBOUND' and m.state = 'PENDING'
  order by j.tenant_id, j.task_id
$$;
