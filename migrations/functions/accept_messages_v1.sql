-- Up to 100 messages of one request, in the order given: each is taken or refused for itself, and the
-- answer is kept whatever it refuses. The chats are locked in key order first.
--
-- input: see begin_request_v1; messages: [as of take_message_v1, without tenantId]
-- outcome: of each message, by its place: accepted | a refusal of take_message_v1; or of the request
--        as its only row, without place: key-mismatch | client-unknown | rate-limited
create or replace function accept_messages_v1(input jsonb)
returns table (
  outcome text, place integer, message_id text, task_id text, accepted_at text,
  wake_in_seconds integer, quota jsonb, retry_after_seconds double precision, expected jsonb)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  wanted constant jsonb := input -> 'messages';
  request record;
  bucket record;
  asked record;
  taken record;
  given jsonb := '[]';
  woken jsonb := '{}';
begin
  select * into request from begin_request_v1(input) r;
  if request.outcome = 'replayed' then
    given := request.answer;
  elsif request.outcome = 'go' then
    select * into bucket from take_more_tokens_v1(
      tenant, (input ->> 'clientId')::bigint, jsonb_array_length(wanted) - 1) t;
    request.quota := bucket.quota;
    if bucket.outcome <> 'taken' then
      perform end_request_v1(input, null);
      request.outcome := bucket.outcome;
      request.retry_after_seconds := bucket.retry_after_seconds;
    end if;
  end if;
  if request.outcome not in ('go', 'replayed') then
    return query select request.outcome, null::integer, null::text, null::text, null::text,
      null::integer, request.quota, request.retry_after_seconds, null::jsonb;
    return;
  end if;

  if request.outcome = 'go' then
    perform 1 from chats c
    where c.tenant_id = tenant and c.chat_id in (
      select (w.value ->> 'chatId')::bigint from jsonb_array_elements(wanted) w)
    order by c.chat_id
    for no key update;
    for asked in
      select w.value, w.ordinality as place
      from jsonb_array_elements(wanted) with ordinality w
      order by w.ordinality
    loop
      select * into taken
      from take_message_v1(asked.value || jsonb_build_object('tenantId', tenant)) t;
      given := given || jsonb_strip_nulls(jsonb_build_object(
        'outcome', taken.outcome, 'messageId', taken.message_id::text,
        'acceptedAt', case taken.outcome when 'accepted' then iso_utc(now()) end,
        'retryAfterSeconds', nullif(taken.retry_after_seconds, 0), 'expected', taken.expected));
      woken := woken || jsonb_build_object(asked.place, jsonb_build_object(
        'taskId', taken.task_id::text, 'inSeconds', taken.wake_in_seconds));
    end loop;
    perform end_request_v1(input, given);
  end if;

  return query
  select g.value ->> 'outcome', g.ordinality::integer - 1, g.value ->> 'messageId',
    woken #>> array[g.ordinality::text, 'taskId'], g.value ->> 'acceptedAt',
    (woken #>> array[g.ordinality::text, 'inSeconds'])::integer, request.quota,
    coalesce((g.value ->> 'retryAfterSeconds')::double precision, 0), g.value -> 'expected'
  from jsonb_array_elements(given) with ordinality g
  order by g.ordinality;
end
$$;
