-- A part of the chats whose time is over: closes those in which nothing happened for so long, or
-- archives those that have been closed for so long and may not be reopened any more. Passed over is what
-- has messages on their way, and whoever is being written to at this moment. Whoever opens or closes a
-- chat holds its person's row, so that row is locked first, and the chat looked at again.
--
-- wanted: close | archive
-- after: [lastActivityAt, chatId] of the last one seen, null: from the beginning
-- row: how many were changed (dry: would be); held: counts by reason; next: null, nothing is left
create or replace function finish_chats_v1(
  tenant bigint, wanted text, after jsonb, most integer, is_dry boolean)
returns table (changed integer, held jsonb, next jsonb)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  before constant text := case wanted when 'close' then 'ACTIVE' else 'CLOSED' end;
  afterwards constant text := case wanted when 'close' then 'CLOSED' else 'ARCHIVED' end;
  cutoff timestamptz;
  seen jsonb;
  due bigint[];
  free bigint[];
begin
  select now() - interval '1 day' * case when wanted = 'close' then t.close_after_days
    when t.archive_after_days is not null then greatest(t.archive_after_days, t.reopen_days) end
  into cutoff from tenants t where t.tenant_id = tenant;
  select jsonb_agg(jsonb_build_object('at', c.last_activity_at, 'chat', c.chat_id,
      'person', c.person_id, 'why', chat_stays_v1(tenant, c.chat_id, before, cutoff))
    order by c.last_activity_at, c.chat_id) into seen
  from (
    select o.* from chats o
    where o.tenant_id = tenant and o.status = before and o.last_activity_at < cutoff
      and (after is null or (o.last_activity_at, o.chat_id)
        > ((after ->> 0)::timestamptz, (after ->> 1)::bigint))
    order by o.last_activity_at, o.chat_id limit most) c;
  select coalesce(array_agg((s.value ->> 'chat')::bigint), '{}') into due
  from jsonb_array_elements(seen) s where s.value ->> 'why' is null;

  changed := cardinality(due);
  if not is_dry then
    select array_agg(p.person_id) into free from (
      select o.person_id from persons o
      where o.tenant_id = tenant and o.person_id in (
        select (s.value ->> 'person')::bigint from jsonb_array_elements(seen) s
        where s.value ->> 'why' is null)
      order by o.person_id
      for no key update skip locked) p;
    -- Looked at anew, by a snapshot that sees what was committed before the locks.
    with free_chats as (
      select c.chat_id from chats c
      where c.tenant_id = tenant and c.chat_id = any (due) and c.person_id = any (free)
        and chat_stays_v1(tenant, c.chat_id, before, cutoff) is null
      order by c.chat_id
      for no key update of c skip locked
    )
    update chats c set status = afterwards, updated_at = now() from free_chats f
    where c.tenant_id = tenant and c.chat_id = f.chat_id and c.status = before
      and c.last_activity_at < cutoff;
    get diagnostics changed = row_count;
  end if;

  return query select changed,
    jsonb_strip_nulls(jsonb_build_object(
      'on-its-way', nullif(count(*) filter (where s.value ->> 'why' = 'on-its-way'), 0),
      'moved', nullif(cardinality(due) - changed, 0))),
    case when count(*) >= most then jsonb_build_array(seen -> -1 -> 'at', seen -> -1 -> 'chat') end
  from jsonb_array_elements(seen) s;
end
$$;
