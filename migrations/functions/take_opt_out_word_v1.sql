-- Books the word for or against being written to that an inbound message is, and plans its
-- confirmation when it changed something. Answers the task that sends it, or null.
--
-- opt_out: word: stop | resume, confirmation?: {contentType, content, rowToken, horizonSeconds,
--          reportTtlSeconds}
create or replace function take_opt_out_word_v1(tenant bigint, message bigint, opt_out jsonb)
returns bigint
language plpgsql volatile as $$
declare
  word constant text := opt_out ->> 'word';
  confirmation constant jsonb := opt_out -> 'confirmation';
  written chat_messages%rowtype;
  changed boolean;
  answer bigint;
  task bigint;
begin
  if opt_out is null then
    return null;
  end if;
  select * into written from chat_messages m
  where m.tenant_id = tenant and m.message_id = message;
  changed := case word
    when 'stop' then record_opt_out_v1(
      tenant, written.contact_id, written.channel, 'ALL', 'keyword', written.occurred_at)
    else restore_opt_out_v1(
      tenant, written.contact_id, written.channel, 'ALL', written.occurred_at) end;
  if not changed or confirmation is null then
    return null;
  end if;

  insert into chat_messages
    (tenant_id, chat_id, sequence, direction, channel, contact_id, sender_id, content_type,
     content, row_token, status, delivery_policy, expires_at, report_ttl_seconds, origin)
  select tenant, written.chat_id, written.sequence + 1, 'OUTBOUND', written.channel,
    written.contact_id, written.sender_id, confirmation ->> 'contentType',
    decode(confirmation ->> 'content', 'base64'),
    (confirmation ->> 'rowToken')::uuid, 'QUEUED', t.delivery_policy,
    now() + (confirmation ->> 'horizonSeconds')::double precision * interval '1 second',
    ceil((confirmation ->> 'reportTtlSeconds')::numeric), 'automatic'
  from tenants t where t.tenant_id = tenant
  returning message_id into answer;
  insert into tasks
    (tenant_id, type, message_id, chat_id, channel, sequence, sender_id, planned_at, due_at,
     woken_at)
  values (tenant, 'MESSAGE_SEND', answer, written.chat_id, written.channel, written.sequence + 1,
    written.sender_id, now(), now(), now())
  returning task_id into task;
  perform advance_chat_v1(tenant, answer, 0), count_charged_v1(tenant, written.channel);
  return task;
end
$$;
