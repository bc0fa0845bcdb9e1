-- An event as the adapters read it: ids as text, the time in UTC.
create or replace function event_json_v1(event events) returns jsonb
language sql stable as $$
  select jsonb_strip_nulls(jsonb_build_object(
    'eventId', event.event_id::text,
    'type', event.type,
    'createdAt', iso_utc(event.created_at),
    'chatId', event.chat_id::text,
    'messageId', event.message_id::text,
    'personId', event.person_id::text,
    'detail', event.detail))
$$;
