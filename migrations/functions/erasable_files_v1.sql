-- Files of these persons whose bytes may go now: those of their own messages, those that were sent to
-- nobody else, and documents of their debts alone that nobody else was sent. One that is being fetched
-- waits for its fetch, which would write it again.
create or replace function erasable_files_v1(tenant bigint, same bigint[], most integer)
returns table (media_id uuid, object_key text)
language sql volatile rows 100 as $$
  select f.media_id, f.object_key from (
    select m.media_id from chats c
    join chat_messages g on g.tenant_id = c.tenant_id and g.chat_id = c.chat_id
    join media m on m.tenant_id = g.tenant_id and m.message_id = g.message_id
    where c.tenant_id = tenant and c.person_id = any (same) and m.erased_at is null
      and not exists (
        select 1 from tasks t
        where t.tenant_id = tenant and t.message_id = g.message_id and t.type = 'MEDIA_FETCH'
          and t.state = 'CLAIMED')
    union
    select m.media_id from chats c
    join chat_messages g on g.tenant_id = c.tenant_id and g.chat_id = c.chat_id
    join tasks t on t.tenant_id = g.tenant_id and t.message_id = g.message_id
      and t.type = 'MESSAGE_SEND' and t.payload <> '{}'
    cross join lateral jsonb_array_elements_text(coalesce(t.payload -> 'mediaIds', '[]')
      || coalesce(t.payload -> 'fallbackMediaIds', '[]')) w (id)
    join media m on m.tenant_id = t.tenant_id and m.media_id = w.id::uuid
    where c.tenant_id = tenant and c.person_id = any (same) and m.erased_at is null
      and not sent_to_others_v1(tenant, m.media_id, same)
    union
    select m.media_id from movements v
    join installments i on i.tenant_id = v.tenant_id and i.movement_id = v.movement_id
    join media m on m.tenant_id = i.tenant_id and m.media_id = i.document_media_id
    where v.tenant_id = tenant and v.person_id = any (same) and m.erased_at is null
      and not exists (
        select 1 from installments oi
        join movements ov on ov.tenant_id = oi.tenant_id and ov.movement_id = oi.movement_id
        join persons op on op.tenant_id = ov.tenant_id and op.person_id = ov.person_id
          and op.erased_at is null
        where oi.tenant_id = tenant and oi.document_media_id = m.media_id
          and ov.person_id <> all (same))
      and not sent_to_others_v1(tenant, m.media_id, same)
    limit most) u
  join media f on f.tenant_id = tenant and f.media_id = u.media_id
$$;
