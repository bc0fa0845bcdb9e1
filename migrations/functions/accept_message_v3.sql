-- The outbound road's one call: the request begins, the message is taken, the answer is kept.
--
-- input: see begin_request_v1 and take_message_v1
-- outcome: accepted | replayed | key-mismatch | client-unknown | rate-limited | a refusal of
--        take_message_v1
create or replace function accept_message_v3(input jsonb)
returns table (
  outcome text, message_id text, task_id text, accepted_at text, wake_in_seconds integer,
  quota jsonb, retry_after_seconds double precision, expected jsonb)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  request record;
  taken record;
  given jsonb;
begin
  select * into request from begin_request_v1(input) r;
  if request.outcome <> 'go' then
    return query select request.outcome, request.answer ->> 'messageId', null::text,
      request.answer ->> 'acceptedAt', null::integer, request.quota, request.retry_after_seconds,
      null::jsonb;
    return;
  end if;
  select * into taken from take_message_v1(input) t;
  given := case when taken.outcome = 'accepted' then jsonb_build_object(
    'messageId', taken.message_id::text, 'acceptedAt', iso_utc(now())) end;
  perform end_request_v1(input, given);
  return query select taken.outcome, taken.message_id::text, taken.task_id::text,
    given ->> 'acceptedAt', taken.wake_in_seconds, request.quota, taken.retry_after_seconds,
    taken.expected;
end
$$;
