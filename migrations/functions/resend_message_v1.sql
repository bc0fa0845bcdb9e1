-- Sends again, as a new message, what has ended without arriving: the same sealed content under the
-- same row token, fallback, policy, reply and version of a template of ours. It passes the rules of any message; the shape of its
-- template is known to the provider only. A step of the ladder keeps its hours.
--
-- input: see begin_request_v1; chatId, messageId, sendAt?, expiresAt?, horizonSeconds
-- outcome: as of accept_message_v3, or message-not-found | message-not-ended | message-content-gone
create or replace function resend_message_v1(input jsonb)
returns table (
  outcome text, message_id text, task_id text, accepted_at text, wake_in_seconds integer,
  quota jsonb, retry_after_seconds double precision, expected jsonb)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  request record;
  taken record;
  old chat_messages%rowtype;
  files jsonb;
  given jsonb;
  is_step boolean;
begin
  select * into request from begin_request_v1(input) r;
  if request.outcome <> 'go' then
    return query select request.outcome, request.answer ->> 'messageId', null::text,
      request.answer ->> 'acceptedAt', null::integer, request.quota, request.retry_after_seconds,
      null::jsonb;
    return;
  end if;
  perform 1 from chats c
  where c.tenant_id = tenant and c.chat_id = (input ->> 'chatId')::bigint
  for no key update;
  -- What was written on the business's own phone never was ours to send.
  select * into old from chat_messages m
  where m.tenant_id = tenant and m.message_id = (input ->> 'messageId')::bigint
    and m.chat_id = (input ->> 'chatId')::bigint and m.direction = 'OUTBOUND'
    and m.origin <> 'business-app';
  outcome := case
    when not found then 'message-not-found'
    when old.deleted_at is not null or old.content is null then 'message-content-gone'
    when old.status not in ('FAILED', 'EXPIRED', 'CANCELLED')
      and (old.status <> 'UNKNOWN' or old.reason is distinct from 'unresolved')
      then 'message-not-ended' end;
  if outcome is not null then
    perform end_request_v1(input, null);
    return query select outcome, null::text, null::text, null::text, null::integer, request.quota,
      0::double precision, null::jsonb;
    return;
  end if;

  is_step := coalesce(old.decision ? 'step', false);
  select t.payload into files from tasks t
  where t.tenant_id = tenant and t.message_id = old.message_id and t.type = 'MESSAGE_SEND';
  select * into taken from take_message_v1(
    input || jsonb_strip_nulls(jsonb_build_object(
      'channel', old.channel,
      'said', jsonb_build_object(
        'contentType', old.content_type, 'content', encode(old.content, 'base64'),
        'rowToken', old.row_token,
        'template', case when old.template_name is not null then jsonb_build_object(
          'name', old.template_name, 'language', old.template_language) end,
        'named', case when old.named_template is not null then jsonb_build_object(
          'name', old.named_template, 'language', old.named_template_language,
          'version', old.named_template_version) end,
        'category', old.category,
        'mediaIds', coalesce(files -> 'mediaIds', '[]'),
        'reportTtlSeconds', old.report_ttl_seconds),
      'fallback', case when old.fallback_content is not null then jsonb_build_object(
        'contentType', 'template', 'content', encode(old.fallback_content, 'base64'),
        'rowToken', old.fallback_row_token,
        'template', jsonb_build_object('name', old.fallback_template_name,
          'language', old.fallback_template_language),
        'mediaIds', coalesce(files -> 'fallbackMediaIds', '[]'),
        'reportTtlSeconds', old.fallback_report_ttl_seconds) end,
      'installment', case when old.installment_id is not null then jsonb_build_object(
        'id', old.installment_id, 'version', old.installment_version) end,
      'decision', old.decision - 'race',
      'sendAt', case when is_step and old.send_at > coalesce(
          send_time_v1(tenant, old.chat_id, input ->> 'sendAt'), now())
        then iso_utc(old.send_at) end,
      'expiresAt', case when is_step
        then iso_utc(least(old.expires_at, (input ->> 'expiresAt')::timestamptz)) end,
      'replyToMessageId', old.reply_to_message_id::text,
      'deliveryPolicy', old.delivery_policy,
      'resendOfMessageId', old.message_id::text))) t;
  given := case when taken.outcome = 'accepted' then jsonb_build_object(
    'messageId', taken.message_id::text, 'acceptedAt', iso_utc(now())) end;
  perform end_request_v1(input, given);
  return query select taken.outcome, taken.message_id::text, taken.task_id::text,
    given ->> 'acceptedAt', taken.wake_in_seconds, request.quota, taken.retry_after_seconds,
    taken.expected;
end
$$;
