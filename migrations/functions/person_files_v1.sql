-- Files of these persons: those of their messages, those that were sent to them, also where others got
-- them too, and documents of their debts. Holds all that erasable_files_v1 answers. By look-ups, one
-- after the other, whatever the planner thinks of the number of a tenant's rows.
create or replace function person_files_v1(tenant bigint, same bigint[])
returns table (media_id uuid)
language sql volatile rows 100 as $$
  select f.media_id from chats c
  cross join lateral (
    select g.message_id from chat_messages g
    where g.tenant_id = tenant and g.chat_id = c.chat_id offset 0) g
  cross join lateral (
    select m.media_id from media m
    where m.tenant_id = tenant and m.message_id = g.message_id
    union all
    select w.id::uuid from tasks t
    cross join lateral jsonb_array_elements_text(coalesce(t.payload -> 'mediaIds', '[]')
      || coalesce(t.payload -> 'fallbackMediaIds', '[]')) w (id)
    where t.tenant_id = tenant and t.message_id = g.message_id and t.type = 'MESSAGE_SEND'
    offset 0) f
  where c.tenant_id = tenant and c.person_id = any (same)
  union
  select i.document_media_id from movements v
  cross join lateral (
    select n.document_media_id from installments n
    where n.tenant_id = tenant and n.movement_id = v.movement_id
      and n.document_media_id is not null offset 0) i
  where v.tenant_id = tenant and v.person_id = any (same)
$$;
