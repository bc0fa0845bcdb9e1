-- The outbound road's one call: knows the client, takes its token, checks the key, the chat and
-- the rules, then inserts message and task and moves the chat. All of it or nothing. What is written
-- freely goes only while the contact's service window is open; its fallback goes in its place.
--
-- input: tenantId, clientId, chatId, route, keyHash, bodyHash, keyDays, channel, said, fallback?,
--        replyToMessageId?, sendAt?, expiresAt?, horizonSeconds, deliveryPolicy?
-- said, fallback: contentType, content, rowToken, template: {name, language, shape?}?,
--        mediaIds: [], reportTtlSeconds
-- outcome: accepted | replayed | key-mismatch | client-unknown | rate-limited | chat-not-found
--        | chat-closed | contact-missing | sender-missing | send-too-late | service-window-closed
--        | what message_refusal_v1 says | unique-users-limit | charged-limit
create or replace function accept_message_v2(input jsonb)
returns table (
  outcome text, message_id text, task_id text, accepted_at text, wake_in_seconds integer,
  tokens_left integer, retry_after_seconds double precision, expected jsonb)
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
  said jsonb := input -> 'said';
  fallback jsonb := input -> 'fallback';
  is_closed boolean := false;
  refusal record;
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
      0, bucket.retry_after_seconds, null::jsonb;
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
      bucket.tokens_left, 0::double precision, null::jsonb;
    return;
  end if;

  select * into chat from chats c
  where c.tenant_id = tenant and c.chat_id = wanted_chat
  for no key update;

  select r.contact_id, r.sender_id into contact, sender from send_routes r
  where r.tenant_id = tenant and r.person_id = chat.person_id and r.channel = wanted_channel;

  if wanted_channel = 'WHATSAPP' and said -> 'template' is null and send_after <= now()
    and not window_open_v1(tenant, contact, sender)
  then
    if fallback is not null then
      said := fallback;
      fallback := null;
    else
      select t.service_window = 'enforced' into is_closed from tenants t
      where t.tenant_id = tenant;
    end if;
  end if;
  select * into refusal from message_refusal_v1(input, said, contact, sender) r;

  outcome := case
    when chat.chat_id is null then 'chat-not-found'
    when chat.status <> 'ACTIVE' then 'chat-closed'
    when contact is null then 'contact-missing'
    when sender is null then 'sender-missing'
    when give_up <= greatest(send_after, now()) then 'send-too-late'
    when is_closed then 'service-window-closed'
    when refusal.why is not null then refusal.why
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
      end::double precision, case outcome when refusal.why then refusal.expected end;
    return;
  end if;

  insert into chat_messages
    (tenant_id, chat_id, sequence, direction, channel, contact_id, sender_id, content_type,
     content, row_token, status, delivery_policy, send_at, expires_at, report_ttl_seconds,
     reply_to_message_id, template_name, template_language, fallback_used, fallback_content,
     fallback_row_token, fallback_template_name, fallback_template_language,
     fallback_report_ttl_seconds)
  select tenant, wanted_chat, chat.last_sequence + 1, 'OUTBOUND', wanted_channel, contact, sender,
    said ->> 'contentType', decode(said ->> 'content', 'base64'), (said ->> 'rowToken')::uuid,
    'QUEUED', coalesce(input ->> 'deliveryPolicy', t.delivery_policy),
    (input ->> 'sendAt')::timestamptz, give_up, ceil((said ->> 'reportTtlSeconds')::numeric),
    (input ->> 'replyToMessageId')::bigint, said #>> '{template,name}',
    said #>> '{template,language}', said <> input -> 'said',
    decode(fallback ->> 'content', 'base64'), (fallback ->> 'rowToken')::uuid,
    fallback #>> '{template,name}', fallback #>> '{template,language}',
    ceil((fallback ->> 'reportTtlSeconds')::numeric)
  from tenants t where t.tenant_id = tenant
  returning message_id into new_message;

  insert into tasks
    (tenant_id, type, message_id, chat_id, channel, sequence, sender_id, payload, planned_at,
     due_at, woken_at)
  values (tenant, 'MESSAGE_SEND', new_message, wanted_chat, wanted_channel,
    chat.last_sequence + 1, sender,
    jsonb_strip_nulls(jsonb_build_object('mediaIds', nullif(said -> 'mediaIds', '[]'),
      'fallbackMediaIds', nullif(fallback -> 'mediaIds', '[]'))),
    send_after, send_after,
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
    bucket.tokens_left, 0::double precision, null::jsonb;
end
$$;
