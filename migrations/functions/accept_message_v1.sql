-- The outbound road's one call: knows the client, takes its token, checks the key, the chat and
-- the rules, then inserts message and task and moves the chat. All of it or nothing.
--
-- input: tenantId, clientId, chatId, route, keyHash, bodyHash, keyDays, channel, contentType,
--        content, rowToken, sendAt?, expiresAt?, horizonSeconds, deliveryPolicy?,
--        reportTtlSeconds
-- outcome: accepted | replayed | key-mismatch | client-unknown | rate-limited | chat-not-found
--        | chat-closed | contact-missing | sender-missing | send-too-late | unique-users-limit
--        | charged-limit
create or replace function accept_message_v1(input jsonb)
returns table (
  outcome text, message_id text, task_id text, accepted_at text, wake_in_seconds integer,
  tokens_left integer, retry_after_seconds double precision)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  client constant bigint := (input ->> 'clientId')::bigint;
  wanted_chat constant bigint := (input ->> 'chatId')::bigint;
  wanted_channel constant text := input ->> 'channel';
  key constant bytea := decode(input ->> 'keyHash', 'base64');
  body constant bytea := decode(input ->> 'bodyHash', 'base64');
  send_after constant timestamptz := coalesce((input ->> 'sendAt')::timestamptz, now());
  give_up constant timestamptz := coalesce(
    (input ->> 'expiresAt')::timestamptz,
    send_after + (input ->> 'horizonSeconds')::double precision * interval '1 second');
  bucket record;
  known idempotency_keys%rowtype;
  chat chats%rowtype;
  contact bigint;
  sender bigint;
  new_message bigint;
  new_task bigint;
begin
  select * into bucket from take_client_token_v1(tenant, client) t;
  -- An answer that was lost is given again, whatever the bucket holds.
  if bucket.outcome <> 'taken' and not (bucket.outcome = 'rate-limited' and exists (
    select 1 from idempotency_keys k
    where k.tenant_id = tenant and k.client_id = client and k.route = input ->> 'route'
      and k.key_hash = key and k.expires_at > now()))
  then
    return query select bucket.outcome, null::text, null::text, null::text, null::integer,
      0, bucket.retry_after_seconds;
    return;
  end if;

  -- A second request with the same key waits here for the first one's commit.
  insert into idempotency_keys
    (tenant_id, client_id, route, key_hash, body_hash, resource_id, answer_status, accepted_at,
     expires_at)
  values (tenant, client, input ->> 'route', key, body, 0, 202, now(),
    now() + (input ->> 'keyDays')::double precision * interval '1 day')
  on conflict (tenant_id, client_id, route, key_hash) do update
  set body_hash = excluded.body_hash, resource_id = excluded.resource_id,
    answer_status = excluded.answer_status, accepted_at = excluded.accepted_at,
    expires_at = excluded.expires_at
  where idempotency_keys.expires_at <= now();
  if not found then
    select * into known from idempotency_keys k
    where k.tenant_id = tenant and k.client_id = client and k.route = input ->> 'route'
      and k.key_hash = key;
    return query select
      case when known.body_hash = body then 'replayed' else 'key-mismatch' end,
      known.resource_id::text, null::text, iso_utc(known.accepted_at), null::integer,
      bucket.tokens_left, 0::double precision;
    return;
  end if;

  select * into chat from chats c
  where c.tenant_id = tenant and c.chat_id = wanted_chat
  for no key update;

  -- The contact last heard from on this channel, else the one known longest.
  select c.contact_id into contact from contacts c
  left join contact_senders s on s.tenant_id = c.tenant_id and s.contact_id = c.contact_id
  where c.tenant_id = tenant and c.person_id = chat.person_id and c.channel = wanted_channel
  order by s.last_inbound_at desc nulls last, c.contact_id limit 1;

  -- The sender that the contact last wrote to, else the tenant's default.
  select s.sender_id into sender from senders s
  left join contact_senders l on l.tenant_id = s.tenant_id and l.sender_id = s.sender_id
    and l.contact_id = contact
  where s.tenant_id = tenant and s.channel = wanted_channel
    and (l.contact_id is not null or s.is_default)
  order by l.last_inbound_at desc nulls last limit 1;

  outcome := case
    when chat.chat_id is null then 'chat-not-found'
    when chat.status <> 'ACTIVE' then 'chat-closed'
    when contact is null then 'contact-missing'
    when sender is null then 'sender-missing'
    when give_up <= greatest(send_after, now()) then 'send-too-late'
    when send_after <= now() and not portfolio_room_v1(tenant, sender, contact, false)
      then 'unique-users-limit'
    when not count_charged_v1(tenant, wanted_channel) then 'charged-limit'
    else 'accepted' end;
  if outcome <> 'accepted' then
    delete from idempotency_keys k
    where k.tenant_id = tenant and k.client_id = client and k.route = input ->> 'route'
      and k.key_hash = key;
    return query select outcome, null::text, null::text, null::text, null::integer,
      bucket.tokens_left, case outcome
        when 'unique-users-limit' then 3600 when 'charged-limit' then 86400 else 0
      end::double precision;
    return;
  end if;

  insert into chat_messages
    (tenant_id, chat_id, sequence, direction, channel, contact_id, sender_id, content_type,
     content, row_token, status, delivery_policy, send_at, expires_at, report_ttl_seconds)
  select tenant, wanted_chat, chat.last_sequence + 1, 'OUTBOUND', wanted_channel, contact, sender,
    input ->> 'contentType', decode(input ->> 'content', 'base64'), (input ->> 'rowToken')::uuid,
    'QUEUED', coalesce(input ->> 'deliveryPolicy', t.delivery_policy),
    (input ->> 'sendAt')::timestamptz, give_up, ceil((input ->> 'reportTtlSeconds')::numeric)
  from tenants t where t.tenant_id = tenant
  returning message_id into new_message;

  insert into tasks
    (tenant_id, type, message_id, chat_id, channel, sequence, sender_id, planned_at, due_at,
     woken_at)
  values (tenant, 'MESSAGE_SEND', new_message, wanted_chat, wanted_channel,
    chat.last_sequence + 1, sender, send_after, send_after,
    -- The caller wakes it after the commit, if SQS can wait that long; else the relay does.
    case when send_after <= now() + interval '900 seconds' then greatest(send_after, now()) end)
  returning task_id into new_task;

  update chats c set last_message_id = new_message, last_sequence = chat.last_sequence + 1,
    channels = case when wanted_channel = any (c.channels) then c.channels
      else c.channels || wanted_channel::varchar end,
    last_activity_at = now(), updated_at = now()
  where c.tenant_id = tenant and c.chat_id = wanted_chat;

  update idempotency_keys k set resource_id = new_message
  where k.tenant_id = tenant and k.client_id = client and k.route = input ->> 'route'
    and k.key_hash = key;

  return query select 'accepted', new_message::text, new_task::text, iso_utc(now()),
    case when send_after <= now() + interval '900 seconds'
      then greatest(0, ceil(extract(epoch from send_after - now())))::integer end,
    bucket.tokens_left, 0::double precision;
end
$$;
