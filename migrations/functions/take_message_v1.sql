-- Takes one message of a client: checks the chat and the rules, then inserts message and task and
-- moves the chat. All of it or nothing. What is written freely goes only while the contact's service
-- window is open; its fallback goes in its place.
--
-- input: tenantId, chatId, channel, said, fallback?, replyToMessageId?, sendAt? (see send_time_v1), expiresAt?,
--        horizonSeconds, deliveryPolicy?, resendOfMessageId?, installment: {id, version}?, decision?
-- said, fallback: contentType, content, rowToken, template: {name, language, shape?}?,
--        named?: see with_named_template_v1, category?, mediaIds: [], reportTtlSeconds
-- outcome: accepted | chat-not-found | chat-closed | contact-missing | sender-missing
--        | send-too-late | service-window-closed | what message_refusal_v1 says
--        | unique-users-limit | charged-limit
create or replace function take_message_v1(input jsonb)
returns table (
  outcome text, message_id bigint, task_id bigint, wake_in_seconds integer,
  retry_after_seconds double precision, expected jsonb)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  wanted_chat constant bigint := (input ->> 'chatId')::bigint;
  wanted_channel constant text := input ->> 'channel';
  told_time constant timestamptz := send_time_v1(tenant, wanted_chat, input ->> 'sendAt');
  send_after constant timestamptz := coalesce(told_time, now());
  give_up constant timestamptz := coalesce(
    (input ->> 'expiresAt')::timestamptz,
    send_after + (input ->> 'horizonSeconds')::double precision * interval '1 second');
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
  input := jsonb_set(input, '{said}', with_named_template_v1(tenant, wanted_channel, said));
  said := input -> 'said';
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
    return query select outcome, null::bigint, null::bigint, null::integer,
      case outcome when 'unique-users-limit' then 3600 when 'charged-limit' then 86400 else 0
      end::double precision, case outcome when refusal.why then refusal.expected end;
    return;
  end if;

  insert into chat_messages
    (tenant_id, chat_id, sequence, direction, channel, contact_id, sender_id, content_type,
     content, row_token, status, delivery_policy, send_at, expires_at, report_ttl_seconds,
     reply_to_message_id, resend_of_message_id, template_name, template_language, fallback_used,
     fallback_content,
     fallback_row_token, fallback_template_name, fallback_template_language,
     fallback_report_ttl_seconds, category, named_template, named_template_language,
     named_template_version, installment_id, installment_version, decision)
  select tenant, wanted_chat, chat.last_sequence + 1, 'OUTBOUND', wanted_channel, contact, sender,
    said ->> 'contentType', decode(said ->> 'content', 'base64'), (said ->> 'rowToken')::uuid,
    'QUEUED', coalesce(input ->> 'deliveryPolicy', t.delivery_policy),
    told_time, give_up, ceil((said ->> 'reportTtlSeconds')::numeric),
    (input ->> 'replyToMessageId')::bigint, (input ->> 'resendOfMessageId')::bigint,
    said #>> '{template,name}', said #>> '{template,language}', said <> input -> 'said',
    decode(fallback ->> 'content', 'base64'), (fallback ->> 'rowToken')::uuid,
    fallback #>> '{template,name}', fallback #>> '{template,language}',
    ceil((fallback ->> 'reportTtlSeconds')::numeric), said ->> 'category',
    said #>> '{named,name}', said #>> '{named,language}', (said #>> '{named,version}')::integer,
    input #>> '{installment,id}', (input #>> '{installment,version}')::bigint,
    input -> 'decision'
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

  return query select 'accepted', new_message, new_task,
    case when send_after <= now() + interval '900 seconds'
      then greatest(0, ceil(extract(epoch from send_after - now())))::integer end,
    0::double precision, null::jsonb;
end
$$;
