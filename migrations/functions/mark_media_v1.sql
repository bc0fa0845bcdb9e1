-- A part of the files that are past the tenant's time since they last came or went: from now on
-- nobody can fetch them. The caller takes the bytes out of the bucket and says so (`removed_at`);
-- until then each later cleanup names them again. Files of a person who is held stay, also those that
-- were sent to them, and those of a send that waits.
--
-- after: [createdAt, mediaId]; row: as close_chats_v1, and objects: [{mediaId, objectKey}]
create or replace function mark_media_v1(
  tenant bigint, after jsonb, most integer, is_dry boolean)
returns table (changed integer, held jsonb, next jsonb, objects jsonb)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  cutoff timestamptz;
  seen jsonb;
  due jsonb;
begin
  select now() - t.media_days * interval '1 day' into cutoff
  from tenants t where t.tenant_id = tenant;
  select jsonb_agg(jsonb_build_object('at', f.created_at, 'mediaId', f.media_id,
      'objectKey', f.object_key, 'why', case
        when p.legal_hold_at is not null or s.is_held then 'legal-hold'
        when s.is_waiting or exists (select 1 from media_uploads u
          where u.tenant_id = tenant and u.media_id = f.media_id and u.uploaded_at >= cutoff)
          then 'in-use' end)
    order by f.created_at, f.media_id) into seen
  from (
    select o.* from media o
    where o.tenant_id = tenant and o.removed_at is null and o.created_at < cutoff
      and (after is null or (o.created_at, o.media_id)
        > ((after ->> 0)::timestamptz, (after ->> 1)::uuid))
    order by o.created_at, o.media_id limit most) f
  left join chat_messages m on m.tenant_id = tenant and m.message_id = f.message_id
  left join chats c on c.tenant_id = tenant and c.chat_id = m.chat_id
  left join persons p on p.tenant_id = tenant and p.person_id = c.person_id
  cross join lateral (
    select bool_or(o.legal_hold_at is not null) as is_held,
      bool_or(t.state in ('PENDING', 'CLAIMED')) as is_waiting
    from tasks t
    join chats h on h.tenant_id = t.tenant_id and h.chat_id = t.chat_id
    join persons o on o.tenant_id = h.tenant_id and o.person_id = h.person_id
    where t.tenant_id = tenant and t.type = 'MESSAGE_SEND' and t.payload <> '{}'
      and (coalesce(t.payload -> 'mediaIds', '[]')
        || coalesce(t.payload -> 'fallbackMediaIds', '[]'))
        @> jsonb_build_array(f.media_id::text)) s;

  select coalesce(jsonb_agg(jsonb_build_object('mediaId', s.value ->> 'mediaId',
    'objectKey', s.value ->> 'objectKey')), '[]') into due
  from jsonb_array_elements(seen) s where s.value ->> 'why' is null;
  if not is_dry then
    perform 1 from media f
    where f.tenant_id = tenant and f.media_id in (
      select (d.value ->> 'mediaId')::uuid from jsonb_array_elements(due) d)
    order by f.media_id
    for no key update;
    update media f set state = 'FAILED', reason = 'retention', filename = null,
      provider_media_id = null
    where f.tenant_id = tenant and f.media_id in (
      select (d.value ->> 'mediaId')::uuid from jsonb_array_elements(due) d);
  end if;

  return query select jsonb_array_length(due),
    jsonb_strip_nulls(jsonb_build_object(
      'legal-hold', nullif(count(*) filter (where s.value ->> 'why' = 'legal-hold'), 0),
      'in-use', nullif(count(*) filter (where s.value ->> 'why' = 'in-use'), 0))),
    case when count(*) >= most
      then jsonb_build_array(seen -> -1 -> 'at', seen -> -1 -> 'mediaId') end,
    due
  from jsonb_array_elements(seen) s;
end
$$;
