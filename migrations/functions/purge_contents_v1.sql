-- A part of the contents that are past the tenant's time for their purpose: blanks them. What is on
-- its way stays, and everything of a person who is held; the person's row is locked, so that nobody
-- is put on hold meanwhile.
--
-- wanted: inbound | transactional | marketing
-- after: [createdAt, messageId]; row: as finish_chats_v1
create or replace function purge_contents_v1(
  tenant bigint, wanted text, after jsonb, most integer, is_dry boolean)
returns table (changed integer, held jsonb, next jsonb)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  cutoff timestamptz;
  seen jsonb;
  free bigint[];
  due bigint[];
  done integer;
begin
  select now() - interval '1 day' * case wanted when 'inbound' then t.inbound_days
    when 'marketing' then t.marketing_days else t.transactional_days end into cutoff
  from tenants t where t.tenant_id = tenant;
  select jsonb_agg(jsonb_build_object('at', m.created_at, 'message', m.message_id,
      'person', p.person_id, 'why', case
        when p.legal_hold_at is not null then 'legal-hold'
        when m.status in ('QUEUED', 'SENDING')
          or (m.status = 'UNKNOWN' and m.reason is distinct from 'unresolved')
          then 'on-its-way' end)
    order by m.created_at, m.message_id) into seen
  from (
    select o.* from chat_messages o
    where o.tenant_id = tenant and (case when o.direction = 'INBOUND' then 'inbound'
        else coalesce(o.purpose, o.category, 'transactional') end) = wanted
      and (o.content is not null or o.metadata is not null or o.fallback_content is not null)
      and o.created_at < cutoff
      and (after is null or (o.created_at, o.message_id)
        > ((after ->> 0)::timestamptz, (after ->> 1)::bigint))
    order by o.created_at, o.message_id limit most) m
  join chats c on c.tenant_id = tenant and c.chat_id = m.chat_id
  join persons p on p.tenant_id = tenant and p.person_id = c.person_id;

  if not is_dry then
    select array_agg(p.person_id) into free from (
      select o.person_id from persons o
      where o.tenant_id = tenant and o.legal_hold_at is null and o.person_id in (
        select (s.value ->> 'person')::bigint from jsonb_array_elements(seen) s)
      order by o.person_id
      for share skip locked) p;
  end if;
  select array_agg((s.value ->> 'message')::bigint order by (s.value ->> 'message')::bigint)
  into due from jsonb_array_elements(seen) s
  where s.value ->> 'why' is null and (is_dry or (s.value ->> 'person')::bigint = any (free));
  -- Another cleanup may have blanked some of them meanwhile.
  done := case when is_dry then coalesce(cardinality(due), 0)
    else blank_messages_v1(tenant, due) end;

  return query select done,
    jsonb_strip_nulls(jsonb_build_object(
      'legal-hold', nullif(count(*) filter (where s.value ->> 'why' = 'legal-hold'), 0),
      'on-its-way', nullif(count(*) filter (where s.value ->> 'why' = 'on-its-way'), 0),
      'moved', nullif(count(*) filter (where s.value ->> 'why' is null)
        - done, 0))),
    case when count(*) >= most
      then jsonb_build_array(seen -> -1 -> 'at', seen -> -1 -> 'message') end
  from jsonb_array_elements(seen) s;
end
$$;
