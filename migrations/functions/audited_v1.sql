-- The row that a request leaves in the audit, none if nothing was shown and nothing asked for: what
-- it named and what the answer names, and whose that is. A file is of who wrote it, of whose debt it is
-- the document, and of whom it was sent to, unless it was sent so often that it is of nobody.
--
-- asked: tenantId, actorKind, actor, action, purpose, requestId?, outcome, and what the request names:
--        ids by their names, also in messages: [{…}]
-- answers: rows of the answer, ids by their names in camel or in snake case
create or replace function audited_v1(asked jsonb, answers jsonb)
returns table (
  tenant_id bigint, actor_kind text, actor text, action text, outcome text, purpose text,
  request_id text, objects jsonb, person_ids bigint[])
language plpgsql volatile as $$
#variable_conflict use_column
declare
  tenant constant bigint := (asked ->> 'tenantId')::bigint;
begin
  if answers is null then
    return;
  end if;
  select coalesce(jsonb_object_agg(k.kind, k.ids), '{}') into objects
  from (
    select n.kind, jsonb_agg(distinct f.id #>> '{}') as ids
    from (values ('chat', 'chatId', 'chat_id'), ('message', 'messageId', 'message_id'),
      ('person', 'personId', 'person_id'), ('media', 'mediaId', 'media_id'),
      ('suppression', 'suppressionId', 'suppression_id'),
      ('subscription', 'subscriptionId', 'subscription_id'),
      ('movement', 'movementId', 'movement_id'),
      ('installment', 'installmentId', 'installment_id')) n (kind, camel, snake)
    cross join lateral (
      select jsonb_path_query(asked, format('$.%s', n.camel)::jsonpath) as id
      union all select jsonb_path_query(asked, format('$.messages[*].%s', n.camel)::jsonpath)
      union all select jsonb_path_query(answers, format('$[*].%s', n.snake)::jsonpath)
      union all select jsonb_path_query(answers, format('$[*].%s', n.camel)::jsonpath)
      union all select jsonb_path_query(answers, format('$[*].*.%s', n.camel)::jsonpath)) f
    where f.id #>> '{}' ~ case
      when n.kind = 'media' then '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
      when n.kind in ('movement', 'installment') then '^[A-Za-z0-9._:@-]{1,64}$'
      else '^[0-9]{1,18}$' end
    group by n.kind) k;
  select coalesce(array_agg(distinct w.person order by w.person), '{}') into person_ids
  from (
    select i.id::bigint as person from jsonb_array_elements_text(objects -> 'person') i (id)
    union all
    select c.person_id from jsonb_array_elements_text(objects -> 'chat') i (id)
    join chats c on c.tenant_id = tenant and c.chat_id = i.id::bigint
    union all
    select m.person_id from jsonb_array_elements_text(objects -> 'movement') i (id)
    join movements m on m.tenant_id = tenant and m.movement_id = i.id
    union all
    select m.person_id from jsonb_array_elements_text(objects -> 'installment') i (id)
    join installments t on t.tenant_id = tenant and t.installment_id = i.id
    join movements m on m.tenant_id = tenant and m.movement_id = t.movement_id
    union all
    select c.person_id from jsonb_array_elements_text(objects -> 'media') i (id)
    join media f on f.tenant_id = tenant and f.media_id = i.id::uuid
    join chat_messages m on m.tenant_id = tenant and m.message_id = f.message_id
    join chats c on c.tenant_id = tenant and c.chat_id = m.chat_id
    union all
    select m.person_id from jsonb_array_elements_text(objects -> 'media') i (id)
    join installments t on t.tenant_id = tenant and t.document_media_id = i.id::uuid
    join movements m on m.tenant_id = tenant and m.movement_id = t.movement_id
    union all
    select unnest(f.persons) from jsonb_array_elements_text(objects -> 'media') i (id)
    cross join lateral (
      select array_agg(o.person_id) as persons from (
        select c.person_id from tasks t
        join chats c on c.tenant_id = t.tenant_id and c.chat_id = t.chat_id
        where t.tenant_id = tenant and t.type = 'MESSAGE_SEND' and t.payload <> '{}'
          and (coalesce(t.payload -> 'mediaIds', '[]')
            || coalesce(t.payload -> 'fallbackMediaIds', '[]')) @> jsonb_build_array(i.id)
        limit 21) o
      having count(*) <= 20) f
    union all
    select c.person_id from jsonb_array_elements_text(objects -> 'suppression') i (id)
    join suppressions s on s.tenant_id = tenant and s.suppression_id = i.id::bigint
    join contact_identities d on d.tenant_id = tenant and d.channel = s.channel
      and d.kind = case s.channel when 'EMAIL' then 'email' else 'phone' end
      and d.value_hash = s.value_hash
    join contacts c on c.tenant_id = tenant and c.contact_id = d.contact_id) w;
  return query select tenant, asked ->> 'actorKind', asked ->> 'actor', asked ->> 'action',
    asked ->> 'outcome', asked ->> 'purpose', asked ->> 'requestId', objects, person_ids;
end
$$;
