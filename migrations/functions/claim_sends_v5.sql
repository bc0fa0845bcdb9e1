-- Claims a batch of sends: state, lease, fence and one new attempt row each, committed before
-- any provider is called. A call repeated with the same claim token gets the same rows again.
-- Whoever touches a message's tasks or attempts locks the message row first, then the pace.
--
-- input: claimToken, leaseSeconds, patienceSeconds, pacing, sends: [{tenantId, taskId, attemptId}]
-- rows with an attempt: what may go now, in the order in which a chat's sends must go; without one:
-- what must come back, with held_reason where a rule holds it back (it knows when; without
-- wake_in_seconds the relay brings it), and with ended_reason what a rule has ended.
create or replace function claim_sends_v5(input jsonb)
returns table (
  tenant_id text, task_id text, attempt_id text, fence text, attempts integer, message_id text,
  chat_id text, channel text, delivery_policy text, content bytea, row_token text,
  recipient_kind text, recipient bytea, recipient_token text, is_variant boolean,
  phone_number_id text, secret_name text, reply_to text, media text, mail text,
  template text, installment text,
  wake_in_seconds integer, held_reason text, ended_reason text)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  token constant uuid := (input ->> 'claimToken')::uuid;
  patience constant interval :=
    (input ->> 'patienceSeconds')::double precision * interval '1 second';
  lease_end constant timestamptz :=
    now() + (input ->> 'leaseSeconds')::double precision * interval '1 second';
  locked bigint[];
  candidates bigint[];
  held_lanes text[] := '{}';
  send record;
  admission record;
  head record;
  refusal text;
begin
  -- A repeated call waits for the first one's commit and then finds what that one claimed.
  perform pg_advisory_xact_lock(hashtextextended(input ->> 'claimToken', 0));

  select array_agg(l.task_id) into locked from (
    select t.task_id from send_requests_v1(input) w
    join tasks t on t.tenant_id = w.tenant_id and t.task_id = w.task_id
      and t.type = 'MESSAGE_SEND'
    join chat_messages m on m.tenant_id = t.tenant_id and m.message_id = t.message_id
    order by m.tenant_id, m.message_id
    for no key update of m skip locked) l;

  perform end_send_v1(t.tenant_id, t.task_id, 'expired') from send_requests_v1(input) w
  join tasks t on t.tenant_id = w.tenant_id and t.task_id = w.task_id
  join chat_messages m on m.tenant_id = t.tenant_id and m.message_id = t.message_id
  where t.task_id = any (locked) and t.state = 'PENDING' and m.expires_at <= now();

  select array_agg(t.task_id) into candidates from send_requests_v1(input) w
  join tasks t on t.tenant_id = w.tenant_id and t.task_id = w.task_id
  where t.task_id = any (locked) and t.state = 'PENDING' and t.due_at <= now();

  for send in
    select t.tenant_id, t.task_id, t.message_id, t.sender_id, w.attempt_id, m.expires_at,
      concat_ws(':', t.tenant_id, t.chat_id, t.channel) as lane
    from send_requests_v1(input) w
    join tasks t on t.tenant_id = w.tenant_id and t.task_id = w.task_id
    join chat_messages m on m.tenant_id = t.tenant_id and m.message_id = t.message_id
    where t.task_id = any (candidates)
      and first_blocker_v1(
        t.tenant_id, t.chat_id, t.channel, t.sequence, patience, candidates) is null
    order by t.tenant_id, t.sender_id, t.chat_id, t.sequence
  loop
    continue when send.lane = any (held_lanes);
    refusal := judge_send_v1(send.tenant_id, send.task_id);
    if refusal is not null then
      tenant_id := send.tenant_id;
      task_id := send.task_id;
      wake_in_seconds := null;
      held_reason := null;
      ended_reason := refusal;
      return next;
      continue;
    end if;
    select * into admission from admit_send_v1(send.tenant_id, send.task_id, input -> 'pacing') a;
    if admission.come_back_at is not null then
      -- What waits for somebody to resume its kind holds up nothing else of its chat.
      if admission.why <> 'mail-paused' then
        held_lanes := held_lanes || send.lane;
      end if;
      update tasks t set reason = admission.why, updated_at = now(),
        slot_at = case when admission.why in ('breaker-open', 'throughput')
          then admission.come_back_at else t.slot_at end,
        due_at = least(admission.come_back_at, send.expires_at),
        woken_at = case when least(admission.come_back_at, send.expires_at)
          <= now() + interval '900 seconds'
          then least(admission.come_back_at, send.expires_at) end
      where t.tenant_id = send.tenant_id and t.task_id = send.task_id;
      select t.tenant_id, t.task_id, case when t.woken_at is not null
        then greatest(0, ceil(extract(epoch from t.due_at - now())))::integer end
      into tenant_id, task_id, wake_in_seconds
      from tasks t
      where t.tenant_id = send.tenant_id and t.task_id = send.task_id;
      held_reason := admission.why;
      ended_reason := null;
      return next;
      continue;
    end if;

    update tasks t set state = 'CLAIMED', claim_token = token, fence = t.fence + 1,
      attempts = t.attempts + 1, first_attempt_at = coalesce(t.first_attempt_at, now()),
      lease_until = lease_end, slot_at = null, reason = null, updated_at = now()
    where t.tenant_id = send.tenant_id and t.task_id = send.task_id;
    insert into send_attempts
      (tenant_id, attempt_id, message_id, task_id, channel, number, fence)
    select t.tenant_id, send.attempt_id, t.message_id, t.task_id, t.channel, t.fence, t.fence
    from tasks t where t.tenant_id = send.tenant_id and t.task_id = send.task_id;
    update chat_messages m set status = 'SENDING', status_at = now(), reason = null,
      reason_code = null,
      out_of_order = m.out_of_order or exists (
        select 1 from tasks e
        where e.tenant_id = m.tenant_id and e.chat_id = m.chat_id and e.channel = m.channel
          and e.sequence < m.sequence and e.type = 'MESSAGE_SEND' and e.state = 'PENDING'
          and e.first_attempt_at is not null)
    where m.tenant_id = send.tenant_id and m.message_id = send.message_id;
    perform count_pair_send_v1(send.tenant_id, send.message_id, input -> 'pacing');
  end loop;

  -- Whom the ends and the pauses have set free.
  for head in
    select h.tenant_id, h.task_id from (
      select distinct t.tenant_id, t.chat_id, t.channel from send_requests_v1(input) w
      join tasks t on t.tenant_id = w.tenant_id and t.task_id = w.task_id
      join chat_messages m on m.tenant_id = t.tenant_id and m.message_id = t.message_id
      where t.task_id = any (locked) and (t.reason = 'mail-paused'
        or (t.state in ('DONE', 'CANCELLED')
          and (m.status in ('FAILED', 'CANCELLED') or m.reason = 'unresolved')))) l
    cross join lateral lane_heads_v1(l.tenant_id, l.chat_id, l.channel, patience) h
  loop
    tenant_id := head.tenant_id;
    task_id := head.task_id;
    wake_in_seconds := 0;
    held_reason := null;
    ended_reason := null;
    return next;
  end loop;

  return query
  select c.*, null::integer, null::text, null::text from claimed_sends_v3(input) c;
end
$$;
