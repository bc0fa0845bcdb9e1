-- The message that a mail answers, by the first of the ids it names that we know: SES's of a mail of
-- ours, or the Message-ID of one that came in; or null.
--
-- ids: [{header, provider?}], the strongest first
create or replace function mail_answered_v1(tenant bigint, ids jsonb) returns bigint
language sql stable
return (
  select f.message_id from jsonb_array_elements(ids) with ordinality w (id, place)
  cross join lateral (
    select a.message_id from send_attempts a
    where a.tenant_id = tenant and a.channel = 'EMAIL'
      and a.provider_message_id = w.id ->> 'provider'
    union all
    select m.message_id from chat_messages m
    where m.tenant_id = tenant and m.mail_id = w.id ->> 'header' and m.direction = 'INBOUND') f
  order by w.place, f.message_id limit 1);
