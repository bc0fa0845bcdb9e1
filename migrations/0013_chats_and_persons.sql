-- What lists of chats are narrowed to, what a chat shows of its last message, and contacts that are
-- no longer used.

-- One index for each way in which walk_chats_v1 goes. What a list is narrowed to is part of the order,
-- so that no other index gives it.
create index chats_by_person on chats (tenant_id, person_id, last_activity_at, chat_id);

create index chats_by_status on chats (tenant_id, status, last_activity_at, chat_id);

create index chats_unread on chats (tenant_id, (unread_count > 0), last_activity_at, chat_id)
  where unread_count > 0;

create index chats_by_change on chats (tenant_id, updated_at, chat_id);

drop index chats_of_person;

-- Plans must not depend on how many rows a tenant had when the table was last analysed: of one that
-- came later the planner thinks that it has none, and reads all of it to look up one chat.
alter table chats alter column tenant_id set statistics 0;

alter table persons alter column tenant_id set statistics 0;

alter table contacts alter column tenant_id set statistics 0;

alter table contact_identities alter column tenant_id set statistics 0;

-- When the chat was closed, whoever closed it: a chat that changes otherwise stays closed as long as
-- it was. Null of chats that were closed before there was this column.
alter table chats add column closed_at timestamptz;

create function keep_chat_closing() returns trigger
language plpgsql as $$
begin
  new.closed_at := case when new.status = 'CLOSED' then now() end;
  return new;
end
$$;

create trigger chats_closing before update on chats
for each row when (old.status is distinct from new.status) execute function keep_chat_closing();

-- The business no longer uses this address. The row stays: messages point to it. Whoever writes from
-- it brings it back.
alter table contacts add column retired_at timestamptz;

create or replace view send_routes as
select p.tenant_id, p.person_id, v.channel, c.contact_id, s.sender_id, s.last_inbound_at
from persons p
cross join (values ('WHATSAPP'), ('EMAIL')) v (channel)
cross join lateral (
  select c.contact_id from contacts c
  left join contact_senders l on l.tenant_id = c.tenant_id and l.contact_id = c.contact_id
  where c.tenant_id = p.tenant_id and c.person_id = p.person_id and c.channel = v.channel
    and c.retired_at is null
  order by l.last_inbound_at desc nulls last, c.contact_id limit 1) c
left join lateral (
  select s.sender_id, l.last_inbound_at from senders s
  left join contact_senders l on l.tenant_id = s.tenant_id and l.sender_id = s.sender_id
    and l.contact_id = c.contact_id
  where s.tenant_id = p.tenant_id and s.channel = v.channel
    and (l.contact_id is not null or s.is_default)
  order by l.last_inbound_at desc nulls last limit 1) s on true;

-- A person as the API shows it, sealed cells in base64. Retired contacts are not shown, nor what only
-- remembers that somebody came back.
create view person_view as
select p.tenant_id, p.person_id,
  jsonb_build_object(
    'personId', p.person_id::text,
    'externalId', encode(p.external_id, 'base64'),
    'externalIdHash', encode(p.external_id_hash, 'base64'),
    'name', encode(p.name, 'base64'),
    'nameToken', p.row_token,
    'mergedIntoPersonId', p.merged_into_person_id::text,
    'activeChatId', (
      select c.chat_id::text from chats c
      where c.tenant_id = p.tenant_id and c.person_id = p.person_id and c.status = 'ACTIVE'),
    'identities', coalesce((
      select jsonb_agg(jsonb_build_object(
        'contactId', i.contact_id::text, 'channel', i.channel, 'kind', i.kind,
        'value', encode(i.value, 'base64'), 'rowToken', i.row_token)
        order by i.contact_id, i.kind, i.created_at)
      from contacts o
      join contact_identities i on i.tenant_id = o.tenant_id and i.contact_id = o.contact_id
      where o.tenant_id = p.tenant_id and o.person_id = p.person_id
        and o.retired_at is null and i.superseded_at is null), '[]'),
    'optOuts', coalesce((
      select jsonb_agg(jsonb_build_object(
        'contactId', u.contact_id::text, 'channel', u.channel, 'category', u.category,
        'source', u.source,
        'optedOutAt', to_char(u.opted_out_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'restoredAt', to_char(u.restored_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
        order by u.contact_id, u.category)
      from contacts o
      join opt_outs u on u.tenant_id = o.tenant_id and u.contact_id = o.contact_id
      where o.tenant_id = p.tenant_id and o.person_id = p.person_id
        and o.retired_at is null and u.opted_out_at > '-infinity'), '[]')
  ) as person
from persons p;

grant select on person_view to recado_functions;

-- As before, with version and last message. A content that is larger than any text is not shown: a
-- page of chats must stay small.
create or replace view chat_view as
select c.tenant_id, c.chat_id, c.person_id,
  jsonb_build_object(
    'chatId', c.chat_id::text,
    'version', c.version::text,
    'personId', c.person_id::text,
    'status', c.status,
    'channels', to_jsonb(c.channels),
    'lastMessageId', c.last_message_id::text,
    'lastMessage', case when m.message_id is not null then jsonb_build_object(
      'messageId', m.message_id::text, 'direction', m.direction, 'channel', m.channel,
      'status', m.status,
      'contentType', case when m.deleted_at is null and m.content is not null
        then m.content_type end,
      'content', case when m.deleted_at is null and octet_length(m.content) <= 20000
        then encode(m.content, 'base64') end,
      'rowToken', m.row_token,
      'createdAt', to_char(m.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) end,
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
        and o.retired_at is null and i.superseded_at is null), '[]')
  ) as chat
from chats c
join persons p on p.tenant_id = c.tenant_id and p.person_id = c.person_id
left join chat_messages m on m.tenant_id = c.tenant_id and m.message_id = c.last_message_id
-- The limit keeps it a look-up for each chat that is shown.
left join lateral (
  select s.last_inbound_at from send_routes s
  where s.tenant_id = c.tenant_id and s.person_id = c.person_id and s.channel = 'WHATSAPP'
  limit 1) r on true;
