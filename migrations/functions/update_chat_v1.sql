-- Changes the status of a chat, if it still is what the caller has seen. The status that the chat has
-- already is no change, whatever the version: so a call that is repeated gets the same answer.
--
-- input: tenantId, clientId, chatId, version, status
-- outcome: updated | client-unknown | rate-limited | chat-not-found | version-mismatch | chat-merged
--        | chat-archived | person-has-active-chat
create or replace function update_chat_v1(input jsonb)
returns table (
  outcome text, chat jsonb, quota jsonb, retry_after_seconds double precision)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  wanted_chat constant bigint := (input ->> 'chatId')::bigint;
  wanted constant text := input ->> 'status';
  request record;
  person bigint;
  known chats%rowtype;
begin
  select * into request from begin_request_v1(input) r;
  if request.outcome <> 'go' then
    return query select request.outcome, null::jsonb, request.quota, request.retry_after_seconds;
    return;
  end if;

  -- Whoever opens a chat for a person holds the person's row, also for what the person writes; a merge
  -- may give the chat to another.
  loop
    select c.person_id into person from chats c
    where c.tenant_id = tenant and c.chat_id = wanted_chat;
    perform 1 from persons p where p.tenant_id = tenant and p.person_id = person
    for no key update;
    select * into known from chats c
    where c.tenant_id = tenant and c.chat_id = wanted_chat
    for no key update;
    exit when known.person_id is not distinct from person;
  end loop;

  outcome := case
    when known.chat_id is null then 'chat-not-found'
    when known.status = wanted then 'unchanged'
    when known.version::text <> input ->> 'version' then 'version-mismatch'
    when known.merged_into_chat_id is not null then 'chat-merged'
    when known.status = 'ARCHIVED' then 'chat-archived'
    else 'updated' end;
  if outcome = 'updated' then
    begin
      update chats c set status = wanted, updated_at = now()
      where c.tenant_id = tenant and c.chat_id = wanted_chat;
    exception
      when unique_violation then outcome := 'person-has-active-chat';
    end;
  end if;
  return query select replace(outcome, 'unchanged', 'updated'),
    case when outcome in ('updated', 'unchanged') then (
      select v.chat from chat_view v where v.tenant_id = tenant and v.chat_id = wanted_chat) end,
    request.quota, 0::double precision;
end
$$;
