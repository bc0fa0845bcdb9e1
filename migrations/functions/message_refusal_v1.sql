-- What the rules have against a message that somebody wants to send now or later; null: nothing. A
-- fallback that waits for its turn must exist and fit; its state at Meta counts when it is used.
--
-- input: see take_message_v1. said: the part of it that goes.
create or replace function message_refusal_v1(
  input jsonb, said jsonb, contact bigint, sender bigint, out why text, out expected jsonb)
language plpgsql stable as $$
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  waiting constant jsonb := case when said = input -> 'said' then input -> 'fallback' end;
begin
  if said ->> 'contentType' = 'reaction' and input ->> 'replyToMessageId' is null then
    why := 'reply-to-missing';
    return;
  end if;
  if input ->> 'replyToMessageId' is not null then
    perform 1 from chat_messages m
    where m.tenant_id = tenant and m.message_id = (input ->> 'replyToMessageId')::bigint
      and m.chat_id = (input ->> 'chatId')::bigint and m.channel = input ->> 'channel'
      and m.deleted_at is null;
    if not found then
      why := 'message-not-found';
      return;
    end if;
  end if;
  select case
    when bool_or(f.media_id is null) then 'media-not-found'
    when bool_or(f.state <> 'STORED') then 'media-not-ready' end into why
  from jsonb_array_elements_text((said -> 'mediaIds') || coalesce(waiting -> 'mediaIds', '[]')) w (id)
  left join media f on f.tenant_id = tenant and f.media_id = w.id::uuid;
  if why is not null then
    return;
  end if;

  why := said #>> '{named,why}';
  expected := said #> '{named,expected}';
  if why is null then
    select r.why, r.expected into why, expected
    from content_refusal_v2(tenant, contact, sender, said) r;
  end if;
  if why is null and waiting is not null then
    select r.why, r.expected into why, expected
    from content_refusal_v2(tenant, contact, sender, waiting) r
    where r.why in ('template-missing', 'template-parameters');
  end if;
  if why is null and mail_paused_v1(tenant, said ->> 'category') then
    why := 'mail-paused';
  end if;
end
$$;
