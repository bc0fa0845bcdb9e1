-- A part of the chats in which nothing happened for the tenant's time: closes them. Passed over is
-- what has messages on their way, and whoever is being written to at this moment. Whoever opens or
-- closes a chat holds its person's row, so that row is locked first, and the chat looked at again.
--
-- after: [lastActivityAt, chatId] of the last one seen, null: from the beginning
-- row: how many were closed (dry: would be); held: counts by reason; next: null, nothing is left
create or replace function close_chats_v1(tenant bigint, after jsonb, most integer, is_dry boolean)
returns table (changed integer, held jsonb, next jsonb)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  cutoff timestamptz;
  seen jsonb;
  locked bigint[];
  closed bigint[];
begin
  select now() - t.close_after_days * interval '1 day' into cutoff
  from tenants t where t.tenant_id = tenant;
  select jsonb_agg(jsonb_build_object('at', c.last_activity_at, 'chat', c.chat_id,
      'person', c.person_id, 'moving', exists (
        select 1 from chat_messages m
        join tasks k on k.tenant_id = m.tenant_id and k.message_id = m.message_id
          and k.state in ('PENDING', 'CLAIMED')
        where m.tenant_id = tenant and m.chat_id = c.chat_id and m.direction = 'OUTBOUND'
          and m.status in ('QUEUED', 'SENDING', 'SENT', 'UNKNOWN')))
    order by c.last_activity_at, c.chat_id) into seen
  from (
    select o.* from chats o
    where o.tenant_id = tenant and o.status = 'ACTIVE' and o.last_activity_at < cutoff
      and (after is null or (o.last_activity_at, o.chat_id)
        > ((after ->> 0)::timestamptz, (after ->> 1)::bigint))
    order by o.last_activity_at, o.chat_id limit most) c;

  if is_dry then
    select array_agg((s.value ->> 'chat')::bigint) into closed
    from jsonb_array_elements(seen) s where not (s.value ->> 'moving')::boolean;
  else
    select array_agg(p.person_id) into locked from (
      select o.person_id from persons o
      where o.tenant_id = tenant and o.person_id in (
        select (s.value ->> 'person')::bigint from jsonb_array_elements(seen) s
        where not (s.value ->> 'moving')::boolean)
      order by o.person_id
      for no key update skip locked) p;
    -- Looked at anew, by a snapshot that sees what was committed before the locks.
    with free as (
      select c.chat_id from chats c
      where c.tenant_id = tenant and c.person_id = any (locked) and c.status = 'ACTIVE'
        and c.last_activity_at < cutoff
        and c.chat_id in (
          select (s.value ->> 'chat')::bigint from jsonb_array_elements(seen) s)
        and not exists (
          select 1 from chat_messages m
          join tasks k on k.tenant_id = m.tenant_id and k.message_id = m.message_id
            and k.state in ('PENDING', 'CLAIMED')
          where m.tenant_id = tenant and m.chat_id = c.chat_id and m.direction = 'OUTBOUND'
            and m.status in ('QUEUED', 'SENDING', 'SENT', 'UNKNOWN'))
      order by c.chat_id
      for no key update of c skip locked
    ), changes as (
      update chats c set status = 'CLOSED', updated_at = now() from free f
      where c.tenant_id = tenant and c.chat_id = f.chat_id and c.status = 'ACTIVE'
        and c.last_activity_at < cutoff
      returning c.chat_id
    )
    select array_agg(c.chat_id) into closed from changes c;
  end if;

  return query select coalesce(cardinality(closed), 0),
    jsonb_strip_nulls(jsonb_build_object(
      'on-its-way', nullif(count(*) filter (where (s.value ->> 'moving')::boolean), 0),
      'moved', nullif(count(*) filter (where not (s.value ->> 'moving')::boolean)
        - coalesce(cardinality(closed), 0), 0))),
    case when count(*) >= most then jsonb_build_array(seen -> -1 -> 'at', seen -> -1 -> 'chat') end
  from jsonb_array_elements(seen) s;
end
$$;
