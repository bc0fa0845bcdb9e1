-- Whose a file is: whoever sent it, whom it was or will be sent to, and whoever the debt is of whose
-- document it is. `is_waiting`: it is still to go to them. By look-ups, one after the other: the planner
-- would read all chats of a tenant for each file.
create or replace function media_people_v1(tenant bigint, media uuid)
returns table (person bigint, is_waiting boolean)
language sql volatile rows 10 as $$
  select c.person_id, false from media f
  cross join lateral (
    select m.chat_id from chat_messages m
    where m.tenant_id = tenant and m.message_id = f.message_id offset 0) m
  cross join lateral (
    select o.person_id from chats o
    where o.tenant_id = tenant and o.chat_id = m.chat_id offset 0) c
  where f.tenant_id = tenant and f.media_id = media
  union
  select c.person_id, t.state in ('PENDING', 'CLAIMED') from tasks t
  cross join lateral (
    select o.person_id from chats o
    where o.tenant_id = tenant and o.chat_id = t.chat_id offset 0) c
  where t.tenant_id = tenant and t.type = 'MESSAGE_SEND' and t.payload <> '{}'
    and (coalesce(t.payload -> 'mediaIds', '[]')
      || coalesce(t.payload -> 'fallbackMediaIds', '[]')) @> jsonb_build_array(media::text)
  union
  select m.person_id, false from installments i
  cross join lateral (
    select v.person_id from movements v
    where v.tenant_id = tenant and v.movement_id = i.movement_id offset 0) m
  where i.tenant_id = tenant and i.document_media_id = media
$$;
