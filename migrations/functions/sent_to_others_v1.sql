-- Whether a file was sent, or waits to be, to somebody else than these persons who was not erased.
create or replace function sent_to_others_v1(tenant bigint, media uuid, same bigint[]) returns boolean
language sql stable as $$
  select exists (
    select 1 from tasks t
    join chats c on c.tenant_id = t.tenant_id and c.chat_id = t.chat_id
    join persons p on p.tenant_id = c.tenant_id and p.person_id = c.person_id
      and p.erased_at is null
    where t.tenant_id = tenant and t.type = 'MESSAGE_SEND' and t.payload <> '{}'
      and (coalesce(t.payload -> 'mediaIds', '[]')
        || coalesce(t.payload -> 'fallbackMediaIds', '[]')) @> jsonb_build_array(media::text)
      and c.person_id <> all (same))
$$;
