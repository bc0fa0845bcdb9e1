-- Claims a batch of sends: state, lease, fence and one new attempt row each, committed before
-- any provider is called. A call repeated with the same claim token gets the same rows again.
-- Whoever touches a message's tasks or attempts locks the message row first.
--
-- input: claimToken, leaseSeconds, patienceSeconds, sends: [{tenantId, taskId, attemptId}]
-- rows: one per send that may go now, in the order in which a chat's sends must go.
create or replace function claim_sends_v1(input jsonb)
returns table (
  tenant_id text, task_id text, attempt_id text, fence text, attempts integer, message_id text,
  chat_id text, channel text, delivery_policy text, content bytea, row_token text,
  recipient_kind text, recipient bytea, recipient_token text, phone_number_id text,
  secret_name text)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  token constant uuid := (input ->> 'claimToken')::uuid;
  patience constant interval :=
    (input ->> 'patienceSeconds')::double precision * interval '1 second';
  locked bigint[];
  candidates bigint[];
  free bigint[];
begin
  select array_agg(l.task_id) into locked from (
    select t.task_id from send_requests_v1(input) w
    join tasks t on t.tenant_id = w.tenant_id and t.task_id = w.task_id
      and t.type = 'MESSAGE_SEND'
    join chat_messages m on m.tenant_id = t.tenant_id and m.message_id = t.message_id
    order by m.tenant_id, m.message_id
    for no key update of m skip locked) l;

  perform expire_send_v1(t.tenant_id, t.task_id) from send_requests_v1(input) w
  join tasks t on t.tenant_id = w.tenant_id and t.task_id = w.task_id
  join chat_messages m on m.tenant_id = t.tenant_id and m.message_id = t.message_id
  where t.task_id = any (locked) and t.state = 'PENDING' and m.expires_at <= now();

  select array_agg(t.task_id) into candidates from send_requests_v1(input) w
  join tasks t on t.tenant_id = w.tenant_id and t.task_id = w.task_id
  where t.task_id = any (locked) and t.state = 'PENDING' and t.due_at <= now();

  select array_agg(t.task_id) into free from send_requests_v1(input) w
  join tasks t on t.tenant_id = w.tenant_id and t.task_id = w.task_id
  where t.task_id = any (candidates)
    and first_blocker_v1(
      t.tenant_id, t.chat_id, t.channel, t.sequence, patience, candidates) is null;

  update tasks t set state = 'CLAIMED', claim_token = token, fence = t.fence + 1,
    attempts = t.attempts + 1, first_attempt_at = coalesce(t.first_attempt_at, now()),
    lease_until = now() + (input ->> 'leaseSeconds')::double precision * interval '1 second',
    updated_at = now()
  from send_requests_v1(input) w
  where t.tenant_id = w.tenant_id and t.task_id = w.task_id and t.task_id = any (free);

  insert into send_attempts
    (tenant_id, attempt_id, message_id, task_id, channel, number, fence)
  select t.tenant_id, w.attempt_id, t.message_id, t.task_id, t.channel, t.attempts, t.fence
  from send_requests_v1(input) w
  join tasks t on t.tenant_id = w.tenant_id and t.task_id = w.task_id
  where t.task_id = any (free);

  update chat_messages m set status = 'SENDING', status_at = now(), reason = null,
    reason_code = null,
    out_of_order = m.out_of_order or exists (
      select 1 from tasks e
      where e.tenant_id = m.tenant_id and e.chat_id = m.chat_id and e.channel = m.channel
        and e.sequence < m.sequence and e.type = 'MESSAGE_SEND' and e.state = 'PENDING'
        and e.attempts > 0 and not e.task_id = any (free))
  from send_requests_v1(input) w
  join tasks t on t.tenant_id = w.tenant_id and t.task_id = w.task_id
  where t.task_id = any (free) and m.tenant_id = t.tenant_id and m.message_id = t.message_id;

  return query
  select t.tenant_id::text, t.task_id::text, a.attempt_id::text, t.fence::text, t.attempts,
    m.message_id::text, m.chat_id::text, m.channel::text, m.delivery_policy::text, m.content,
    m.row_token::text, i.kind::text, i.value, i.row_token::text, s.phone_number_id::text,
    s.secret_name::text
  from send_requests_v1(input) w
  join tasks t on t.tenant_id = w.tenant_id and t.task_id = w.task_id
  join send_attempts a on a.tenant_id = t.tenant_id and a.message_id = t.message_id
    and a.fence = t.fence
  join chat_messages m on m.tenant_id = t.tenant_id and m.message_id = t.message_id
  join senders s on s.tenant_id = m.tenant_id and s.sender_id = m.sender_id
  join lateral (
    select i.kind, i.value, i.row_token from contact_identities i
    where i.tenant_id = m.tenant_id and i.contact_id = m.contact_id
    order by case i.kind when 'phone' then 0 when 'email' then 0 else 1 end, i.created_at
    limit 1) i on true
  where t.state = 'CLAIMED' and t.claim_token = token
  order by t.tenant_id, t.chat_id, t.sequence;
end
$$;
