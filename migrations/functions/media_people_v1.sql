-- Whose a file is: whoever sent it, whom it was or will be sent to, and whoever the debt is of whose
-- document it is. `is_waiting`: it is still to go to them.
create or replace function media_people_v1(tenant bigint, media uuid)
returns table (person bigint, is_waiting boolean)
language sql volatile rows 10 as $$
  select c.person_id, false from media f
  join chat_messages m on m.tenant_id = f.tenant_id and m.message_id = f.message_id
  join chats c on c.tenant_id = m.tenant_id and c.chat_id = m.chat_id
  where f.tenant_id = tenant and f.media_id = media
  union
  select c.person_id, t.state in ('PENDING', 'CLAIMED') from tasks t
  join chats c on c.tenant_id = t.tenant_id and c.chat_id = t.chat_id
  where t.tenant_id = tenant and t.type = 'MESSAGE_SEND' and t.payload <> '{}'
    and (coalesce(t.payload -> 'mediaIds', '[]')
      || coalesce(t.payload -> 'fallbackMediaIds', '[]')) @> jsonb_build_array(media::text)
  union
  select m.person_id, false from installments i
  join movements m on m.tenant_id = i.tenant_id and m.movement_id = i.movement_id
  where i.tenant_id = tenant and i.document_media_id = media
$$;
