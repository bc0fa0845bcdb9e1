-- A part of the chats that have been closed for the tenant's time: archives them. None may be
-- reopened any more, and nothing happened in them since. Locks as close_chats_v1.
--
-- after, row: as close_chats_v1
create or replace function archive_chats_v1(
  tenant bigint, after jsonb, most integer, is_dry boolean)
returns table (changed integer, held jsonb, next jsonb)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  cutoff timestamptz;
  seen jsonb;
  locked bigint[];
  archived integer;
begin
  select now() - greatest(t.archive_after_days, t.reopen_days) * interval '1 day' into cutoff
  from tenants t where t.tenant_id = tenant and t.archive_after_days is not null;
  select jsonb_agg(jsonb_build_object('at', c.last_activity_at, 'chat', c.chat_id,
      'person', c.person_id, 'due', coalesce(c.closed_at, c.updated_at) < cutoff)
    order by c.last_activity_at, c.chat_id) into seen
  from (
    select o.* from chats o
    where o.tenant_id = tenant and o.status = 'CLOSED' and o.last_activity_at < cutoff
      and (after is null or (o.last_activity_at, o.chat_id)
        > ((after ->> 0)::timestamptz, (after ->> 1)::bigint))
    order by o.last_activity_at, o.chat_id limit most) c;

  if is_dry then
    select count(*) into archived from jsonb_array_elements(seen) s
    where (s.value ->> 'due')::boolean;
  else
    select array_agg(p.person_id) into locked from (
      select o.person_id from persons o
      where o.tenant_id = tenant and o.person_id in (
        select (s.value ->> 'person')::bigint from jsonb_array_elements(seen) s
        where (s.value ->> 'due')::boolean)
      order by o.person_id
      for no key update skip locked) p;
    with free as (
      select c.chat_id from chats c
      where c.tenant_id = tenant and c.person_id = any (locked) and c.chat_id in (
        select (s.value ->> 'chat')::bigint from jsonb_array_elements(seen) s
        where (s.value ->> 'due')::boolean)
        and c.status = 'CLOSED' and c.last_activity_at < cutoff
        and coalesce(c.closed_at, c.updated_at) < cutoff
      order by c.chat_id
      for no key update of c skip locked
    )
    update chats c set status = 'ARCHIVED', updated_at = now() from free f
    where c.tenant_id = tenant and c.chat_id = f.chat_id and c.status = 'CLOSED'
      and c.last_activity_at < cutoff and coalesce(c.closed_at, c.updated_at) < cutoff;
    get diagnostics archived = row_count;
  end if;

  return query select archived,
    jsonb_strip_nulls(jsonb_build_object('moved',
      nullif(count(*) filter (where (s.value ->> 'due')::boolean) - archived, 0))),
    case when count(*) >= most then jsonb_build_array(seen -> -1 -> 'at', seen -> -1 -> 'chat') end
  from jsonb_array_elements(seen) s;
end
$$;
