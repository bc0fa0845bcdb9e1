-- A suppression as the code reads it; `value` is sealed, in base64.
create or replace function shown_suppression_v1(s suppressions) returns jsonb
language sql stable
return jsonb_build_object('suppressionId', s.suppression_id::text, 'channel', s.channel,
  'value', encode(s.value, 'base64'), 'rowToken', s.row_token,
  'reason', s.reason, 'source', s.source, 'clientId', s.client_id::text,
  'createdAt', iso_utc(s.created_at), 'expiresAt', iso_utc(s.expires_at));
