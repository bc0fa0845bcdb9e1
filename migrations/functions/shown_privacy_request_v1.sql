-- A request of a person as the code reads it; what is absent has no key.
create or replace function shown_privacy_request_v1(r privacy_requests) returns jsonb
language sql stable
return jsonb_strip_nulls(jsonb_build_object(
  'requestId', r.request_id::text, 'kind', r.kind, 'personId', r.person_id::text,
  'state', r.state, 'reason', r.reason, 'receipt', r.receipt,
  'objectKey', case when r.expires_at > now() and r.state = 'DONE' then r.object_key end,
  'requestedAt', iso_utc(r.requested_at), 'doneAt', iso_utc(r.done_at),
  'expiresAt', iso_utc(r.expires_at)));
