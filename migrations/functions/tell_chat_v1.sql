-- Tells that a chat was opened, closed, reopened or archived, and that another one took its place.
create or replace function tell_chat_v1() returns trigger
language plpgsql volatile as $$
declare
  told constant text[] := array_remove(array[
    case
      when tg_op = 'INSERT' then 'chat.opened'
      when old.status = new.status then null
      when new.status = 'ACTIVE' then 'chat.reopened'
      else 'chat.' || lower(new.status) end,
    case when old.merged_into_chat_id is null and new.merged_into_chat_id is not null
      then 'chat.merged' end
  ], null);
begin
  insert into events (tenant_id, type, chat_id, person_id, detail)
  select new.tenant_id, t.type, new.chat_id, new.person_id,
    jsonb_strip_nulls(jsonb_build_object(
      'status', new.status,
      'mergedIntoChatId', new.merged_into_chat_id::text))
  from unnest(told) with ordinality as t (type, place)
  order by t.place;
  return null;
end
$$;

create or replace trigger tell_new_chat after insert on chats
for each row execute function tell_chat_v1();

create or replace trigger tell_changed_chat after update on chats
for each row when (
  old.status is distinct from new.status
  or (old.merged_into_chat_id is null and new.merged_into_chat_id is not null))
execute function tell_chat_v1();
