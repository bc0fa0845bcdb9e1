-- Tells what became of a message. On its way (QUEUED, SENDING) nothing is told but that it was
-- accepted; UNKNOWN is told again once it is final. Reports that come together move a message on at
-- once: what is READ was delivered, and that is told too.
create or replace function tell_message_v1() returns trigger
language plpgsql volatile as $$
declare
  told constant text[] := array_remove(array[
    case when new.status = 'READ' and old.status is distinct from 'READ'
      and old.status is distinct from 'DELIVERED' then 'message.delivered' end,
    case
      when old.status is not distinct from new.status
        and (new.status <> 'UNKNOWN' or old.reason is not distinct from new.reason) then null
      when new.status = 'RECEIVED' then 'message.received'
      when new.status in ('QUEUED', 'SENDING')
        then case tg_op when 'INSERT' then 'message.accepted' end
      else 'message.' || lower(new.status) end,
    case when new.edited_at > coalesce(old.edited_at, '-infinity') then 'message.edited' end,
    case when old.revoked_at is null and new.revoked_at is not null then 'message.revoked' end,
    case when old.deleted_at is null and new.deleted_at is not null then 'message.deleted' end
  ], null);
begin
  insert into events (tenant_id, type, chat_id, message_id, person_id, detail)
  select new.tenant_id, t.type, new.chat_id, new.message_id, c.person_id,
    jsonb_strip_nulls(jsonb_build_object(
      'channel', new.channel,
      'direction', new.direction,
      'contentType', new.content_type,
      'status', case t.type when 'message.delivered' then 'DELIVERED' else new.status end,
      'reason', new.reason,
      'reasonCode', new.reason_code,
      'final', case new.status when 'UNKNOWN' then new.reason = 'unresolved' end,
      'held', nullif(new.held, false),
      'possibleDuplicate', nullif(new.possible_duplicate, false),
      'origin', case new.direction when 'OUTBOUND' then new.origin end,
      'contactId', new.contact_id::text,
      'senderId', new.sender_id::text,
      'replyToMessageId', new.reply_to_message_id::text,
      'templateName', new.template_name,
      'templateLanguage', new.template_language))
  from unnest(told) with ordinality as t (type, place)
  join chats c on c.tenant_id = new.tenant_id and c.chat_id = new.chat_id
  order by t.place;
  return null;
end
$$;

create or replace trigger tell_new_message after insert on chat_messages
for each row execute function tell_message_v1();

create or replace trigger tell_changed_message after update on chat_messages
for each row when (
  old.status is distinct from new.status
  or (new.status = 'UNKNOWN' and old.reason is distinct from new.reason)
  or old.edited_at is distinct from new.edited_at
  or (old.revoked_at is null and new.revoked_at is not null)
  or (old.deleted_at is null and new.deleted_at is not null))
execute function tell_message_v1();
