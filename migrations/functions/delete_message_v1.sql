-- Deletes a message for those who read: it stays as a tombstone, its content sealed in the row until
-- retention removes it. One that may still be sent is cancelled first. A second time changes nothing.
--
-- input: tenantId, clientId, chatId, messageId
-- outcome: deleted (with what is shown of it) | client-unknown | rate-limited | message-not-found
--        | message-in-flight
create or replace function delete_message_v1(input jsonb)
returns table (
  outcome text, message text, quota jsonb, retry_after_seconds double precision)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  request record;
  found_message chat_messages%rowtype;
begin
  select * into request from begin_request_v1(input) r;
  if request.outcome <> 'go' then
    return query select request.outcome, null::text, request.quota, request.retry_after_seconds;
    return;
  end if;
  -- Unlocked: a claim passes over what is locked, and what has ended stays so.
  select * into found_message from chat_messages m
  where m.tenant_id = tenant and m.message_id = (input ->> 'messageId')::bigint
    and m.chat_id = (input ->> 'chatId')::bigint;
  outcome := case
    when not found then 'message-not-found'
    when found_message.status in ('QUEUED', 'SENDING')
      or (found_message.status = 'UNKNOWN' and found_message.reason is distinct from 'unresolved')
      then 'message-in-flight'
    else 'deleted' end;
  if outcome = 'deleted' and found_message.deleted_at is null then
    update chat_messages m set deleted_at = coalesce(m.deleted_at, now())
    where m.tenant_id = tenant and m.message_id = found_message.message_id
    returning * into found_message;
  end if;
  return query select outcome,
    case outcome when 'deleted' then shown_message_v1(found_message)::text end, request.quota,
    0::double precision;
end
$$;
