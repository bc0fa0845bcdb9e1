-- Which contact and sender a send to a person uses on a channel: the contact last heard from, else
-- the one known longest; the sender that it last wrote to, else the tenant's default.
create view send_routes as
select p.tenant_id, p.person_id, v.channel, c.contact_id, s.sender_id, s.last_inbound_at
from persons p
cross join (values ('WHATSAPP'), ('EMAIL')) v (channel)
cross join lateral (
  select c.contact_id from contacts c
  left join contact_senders l on l.tenant_id = c.tenant_id and l.contact_id = c.contact_id
  where c.tenant_id = p.tenant_id and c.person_id = p.person_id and c.channel = v.channel
  order by l.last_inbound_at desc nulls last, c.contact_id limit 1) c
left join lateral (
  select s.sender_id, l.last_inbound_at from senders s
  left join contact_senders l on l.tenant_id = s.tenant_id and l.sender_id = s.sender_id
    and l.contact_id = c.contact_id
  where s.tenant_id = p.tenant_id and s.channel = v.channel
    and (l.contact_id is not null or s.is_default)
  order by l.last_inbound_at desc nulls last limit 1) s on true;

grant select on send_routes to recado_functions;

-- As before, but only with what a person is known by now, and with Meta's service window: 24 hours from the last message of the contact to the sender
-- that a send would use.
create or replace view chat_view as
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
    'serviceWindow', jsonb_build_object(
      'open', coalesce(r.last_inbound_at > now() - interval '24 hours', false),
      'expiresAt', to_char((r.last_inbound_at + interval '24 hours') at time zone 'UTC',
        'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')),
    'identities', coalesce((
      select jsonb_agg(jsonb_build_object(
        'contactId', i.contact_id::text, 'channel', i.channel, 'kind', i.kind,
        'value', encode(i.value, 'base64'), 'rowToken', i.row_token)
        order by i.contact_id, i.kind, i.created_at)
      from contacts o
      join contact_identities i on i.tenant_id = o.tenant_id and i.contact_id = o.contact_id
      where o.tenant_id = c.tenant_id and o.person_id = c.person_id
        and i.superseded_at is null), '[]')
  ) as chat
from chats c
join persons p on p.tenant_id = c.tenant_id and p.person_id = c.person_id
-- The limit keeps it a look-up for each chat that is shown.
left join lateral (
  select s.last_inbound_at from send_routes s
  where s.tenant_id = c.tenant_id and s.person_id = c.person_id and s.channel = 'WHATSAPP'
  limit 1) r on true;

-- The time that the fallback has for its delivery, once it has taken the content's place.
alter table chat_messages add column fallback_report_ttl_seconds integer;
