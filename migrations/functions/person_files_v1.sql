-- Files of these persons: those of their messages, those that were sent to them, also where others got
-- them too, and documents of their debts. A superset of erasable_files_v1 while nothing of them was
-- erased. VOLATILE, so that it is asked once and not for each file.
create or replace function person_files_v1(tenant bigint, same bigint[])
returns table (media_id uuid)
language sql volatile rows 100 as $$
  select m.media_id from chats c
  join chat_messages g on g.tenant_id = c.tenant_id and g.chat_id = c.chat_id
  join media m on m.tenant_id = g.tenant_id and m.message_id = g.message_id
  where c.tenant_id = tenant and c.person_id = any (same)
  union
  select w.id::uuid from chats c
  join chat_messages g on g.tenant_id = c.tenant_id and g.chat_id = c.chat_id
  join tasks t on t.tenant_id = g.tenant_id and t.message_id = g.message_id
    and t.type = 'MESSAGE_SEND' and t.payload <> '{}'
  cross join lateral jsonb_array_elements_text(coalesce(t.payload -> 'mediaIds', '[]')
    || coalesce(t.payload -> 'fallbackMediaIds', '[]')) w (id)
  where c.tenant_id = tenant and c.person_id = any (same)
  union
  select i.document_media_id from movements v
  join installments i on i.tenant_id = v.tenant_id and i.movement_id = v.movement_id
  where v.tenant_id = tenant and v.person_id = any (same) and i.document_media_id is not null
$$;
