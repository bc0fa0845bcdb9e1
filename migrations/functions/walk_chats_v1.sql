-- Walks chats, newest first, by the index of the first of these that is asked for: changes, a person,
-- unread ones, a status, all. What else is asked is looked at chat by chat. Answers those that match,
-- one more than may be shown, and the one with which the walk ends because it has seen enough.
--
-- The planner may not sort, for it would read all that an index finds, and how much that is it may get
-- wrong. Conditions are ranges, not equalities: the order then begins with what is narrowed to, and
-- one index alone has it. `moved_at` keeps microseconds: two chats may move within one millisecond.
--
-- input: tenantId, personId?, status?, channel?, unread?, updatedAfter?, after?: {position, chatId},
--        mostSeen, limit
create or replace function walk_chats_v1(input jsonb)
returns table (chat_id bigint, moved_at text, place integer, matches boolean)
language plpgsql stable rows 50
set enable_sort = off
set enable_incremental_sort = off
set enable_bitmapscan = off
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  person constant bigint := (input ->> 'personId')::bigint;
  wanted_status constant text := input ->> 'status';
  wanted_channel constant text := input ->> 'channel';
  unread constant boolean := (input ->> 'unread')::boolean;
  changed_after constant timestamptz := (input ->> 'updatedAfter')::timestamptz;
  before constant timestamptz := coalesce((input #>> '{after,position}')::timestamptz, 'infinity');
  before_chat constant bigint := coalesce((input #>> '{after,chatId}')::bigint, 9223372036854775807);
  most_seen constant integer := (input ->> 'mostSeen')::integer;
  walk refcursor;
  chat chats%rowtype;
  missing integer := (input ->> 'limit')::integer + 1;
begin
  if changed_after is not null then
    open walk for select * from chats c
    where c.tenant_id = tenant and c.updated_at > changed_after
      and (c.updated_at, c.chat_id) < (before, before_chat)
    order by c.updated_at desc, c.chat_id desc;
  elsif person is not null then
    open walk for select * from chats c
    where c.tenant_id = tenant and c.person_id >= person
      and (c.person_id, c.last_activity_at, c.chat_id) < (person, before, before_chat)
    order by c.person_id desc, c.last_activity_at desc, c.chat_id desc;
  elsif unread then
    open walk for select * from chats c
    where c.tenant_id = tenant and c.unread_count > 0
      and ((c.unread_count > 0), c.last_activity_at, c.chat_id) < (true, before, before_chat)
    order by (c.unread_count > 0) desc, c.last_activity_at desc, c.chat_id desc;
  elsif wanted_status is not null then
    open walk for select * from chats c
    where c.tenant_id = tenant and c.status >= wanted_status
      and (c.status, c.last_activity_at, c.chat_id) < (wanted_status, before, before_chat)
    order by c.status desc, c.last_activity_at desc, c.chat_id desc;
  else
    open walk for select * from chats c
    where c.tenant_id = tenant and (c.last_activity_at, c.chat_id) < (before, before_chat)
    order by c.last_activity_at desc, c.chat_id desc;
  end if;

  place := 0;
  while missing > 0 and place < most_seen loop
    fetch walk into chat;
    exit when not found;
    place := place + 1;
    matches := chat.person_id = coalesce(person, chat.person_id)
      and chat.status = coalesce(wanted_status, chat.status)
      and (chat.unread_count > 0) = coalesce(unread, chat.unread_count > 0)
      and (wanted_channel is null or wanted_channel = any (chat.channels));
    missing := missing - matches::integer;
    if matches or place = most_seen then
      chat_id := chat.chat_id;
      moved_at := to_char(
        case when changed_after is null then chat.last_activity_at else chat.updated_at end
          at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
      return next;
    end if;
  end loop;
  close walk;
end
$$;
