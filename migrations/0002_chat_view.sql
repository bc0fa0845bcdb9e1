-- A chat as the API shows it, sealed cells in base64, times in UTC text. Read through to_jsonb.
create view chat_view as
select c.tenant_id, c.chat_id, c.person_id,
  jsonb_build_object(
    'chatId', c.chat_id::text,
    'personId', c.person_id::text,
    'status', c.status,
    'channels', to_jsonb(c.channels),
    'lastMessageId', c.last_message_id::text,
    'unreadCount', c.unread_count,
    'mergedIntoChatId', c.merged_into_chat_id::text,
    'lastActivityAt', to_char(c.last_activity_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'createdAt', to_char(c.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'updatedAt', to_char(c.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'externalId', encode(p.external_id, 'base64'),
    'externalIdHash', encode(p.external_id_hash, 'base64'),
    'name', encode(p.name, 'base64'),
    'nameToken', p.row_token,
    'identities', coalesce((
      select jsonb_agg(jsonb_build_object(
        'contactId', i.contact_id::text, 'channel', i.channel, 'kind', i.kind,
        'value', encode(i.value, 'base64'), 'rowToken', i.row_token) order by i.contact_id, i.kind)
      from contacts o
      join contact_identities i on i.tenant_id = o.tenant_id and i.contact_id = o.contact_id
      where o.tenant_id = c.tenant_id and o.person_id = c.person_id), '[]')
  ) as chat
from chats c
join persons p on p.tenant_id = c.tenant_id and p.person_id = c.person_id;
