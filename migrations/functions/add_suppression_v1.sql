-- Suppresses an address on a client's word; what is suppressed already stays so.
--
-- input: see begin_request_v1; channel, hash, value, rowToken, reason, expiresAt?
-- outcome: suppressed | replayed (both with the answer: see shown_suppression_v1, and isNew)
--        | expiry-passed | key-mismatch | client-unknown | rate-limited
create or replace function add_suppression_v1(input jsonb)
returns table (
  outcome text, answer jsonb, quota jsonb, retry_after_seconds double precision)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  request record;
  made record;
  given jsonb;
begin
  select * into request from begin_request_v1(input) r;
  if request.outcome <> 'go' then
    return query select request.outcome, request.answer, request.quota,
      request.retry_after_seconds;
    return;
  end if;
  if (input ->> 'expiresAt')::timestamptz <= now() then
    perform end_request_v1(input, null);
    return query select 'expiry-passed', null::jsonb, request.quota, 0::double precision;
    return;
  end if;
  select * into made from suppress_address_v1(
    tenant, input ->> 'channel', input || '{"source": "client"}') m;
  select shown_suppression_v1(s) || jsonb_build_object('isNew', made.is_new) into given
  from suppressions s where s.tenant_id = tenant and s.suppression_id = made.suppression;
  perform end_request_v1(input, given);
  return query select 'suppressed', given, request.quota, 0::double precision;
end
$$;
