-- The message that a provider calls so: ours by its attempt, or one that somebody wrote; or null.
create or replace function message_named_v1(tenant bigint, lane text, provider_id text)
returns bigint
language sql stable
return (
  select message_id from send_attempts a
  where a.tenant_id = tenant and a.channel = lane and a.provider_message_id = provider_id
  union all
  select m.message_id from chat_messages m
  where m.tenant_id = tenant and m.channel = lane and m.direction = 'INBOUND'
    and m.provider_message_id = provider_id
  limit 1);
