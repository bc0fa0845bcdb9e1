-- What would become of a message that was posted now: it is taken as any other, and nothing of it
-- stays. Only the client's token is spent.
--
-- input: tenantId, clientId, and as of take_message_v1; pacing: see message_facts_v1
-- outcome: as of take_message_v1, or client-unknown | rate-limited, which have no facts
create or replace function check_message_v1(input jsonb)
returns table (
  outcome text, uses_fallback boolean, facts jsonb, quota jsonb,
  retry_after_seconds double precision, expected jsonb)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  request record;
  taken record;
  instead boolean;
  known jsonb;
begin
  select * into request from begin_request_v1(input) r;
  if request.outcome <> 'go' then
    return query select request.outcome, null::boolean, null::jsonb, request.quota,
      request.retry_after_seconds, null::jsonb;
    return;
  end if;
  -- Before the message is counted against the limits.
  known := message_facts_v1(input);
  begin
    select * into taken from take_message_v1(input) t;
    select m.fallback_used into instead from chat_messages m
    where m.tenant_id = tenant and m.message_id = taken.message_id;
    raise sqlstate 'RC001';
  exception when sqlstate 'RC001' then
    null;
  end;
  return query select taken.outcome, instead, known, request.quota,
    taken.retry_after_seconds, taken.expected;
end
$$;
