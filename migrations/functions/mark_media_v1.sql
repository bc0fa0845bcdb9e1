-- A part of the files that are past the tenant's time since they last came or went: from now on
-- nobody can fetch them. The caller takes the bytes out of the bucket and says so (`removed_at`);
-- until then each later cleanup names them again. Files of a person who is held stay, also those that
-- were sent to them, and those of a send that waits. The rows of all whose a file is are locked before
-- the file's, so that nobody is put on hold meanwhile, and the file is looked at again.
--
-- after: [createdAt, mediaId]; row: as finish_chats_v1, and objects: [{mediaId, objectKey}]
create or replace function mark_media_v1(
  tenant bigint, after jsonb, most integer, is_dry boolean)
returns table (changed integer, held jsonb, next jsonb, objects jsonb)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  cutoff timestamptz;
  seen jsonb;
  due uuid[];
  free bigint[];
  marked uuid[];
begin
  select now() - t.media_days * interval '1 day' into cutoff
  from tenants t where t.tenant_id = tenant;
  select jsonb_agg(jsonb_build_object('at', f.created_at, 'mediaId', f.media_id,
      'objectKey', f.object_key, 'why', media_stays_v1(tenant, f.media_id, cutoff))
    order by f.created_at, f.media_id) into seen
  from (
    select o.* from media o
    where o.tenant_id = tenant and o.removed_at is null and o.created_at < cutoff
      and (after is null or (o.created_at, o.media_id)
        > ((after ->> 0)::timestamptz, (after ->> 1)::uuid))
    order by o.created_at, o.media_id limit most) f;
  select coalesce(array_agg((s.value ->> 'mediaId')::uuid), '{}') into due
  from jsonb_array_elements(seen) s where s.value ->> 'why' is null;

  marked := due;
  if not is_dry then
    select coalesce(array_agg(p.person_id), '{}') into free from (
      select o.person_id from persons o
      where o.tenant_id = tenant and o.legal_hold_at is null and o.person_id in (
        select w.person from unnest(due) d (media_id)
        cross join lateral media_people_v1(tenant, d.media_id) w)
      order by o.person_id
      for share skip locked) p;
    select coalesce(array_agg(l.media_id), '{}') into marked from (
      select f.media_id from media f
      where f.tenant_id = tenant and f.media_id = any (due)
      order by f.media_id
      for no key update skip locked) l
    -- Looked at anew: also at whoever the file was sent to meanwhile.
    where media_stays_v1(tenant, l.media_id, cutoff) is null and not exists (
      select 1 from media_people_v1(tenant, l.media_id) w where w.person <> all (free));
    update media f set state = 'FAILED', reason = 'retention', filename = null,
      provider_media_id = null
    where f.tenant_id = tenant and f.media_id = any (marked);
    delete from media_uploads u where u.tenant_id = tenant and u.media_id = any (marked);
  end if;

  return query select cardinality(marked),
    jsonb_strip_nulls(jsonb_build_object(
      'legal-hold', nullif(count(*) filter (where s.value ->> 'why' = 'legal-hold'), 0),
      'in-use', nullif(count(*) filter (where s.value ->> 'why' = 'in-use'), 0),
      'moved', nullif(cardinality(due) - cardinality(marked), 0))),
    case when count(*) >= most
      then jsonb_build_array(seen -> -1 -> 'at', seen -> -1 -> 'mediaId') end,
    coalesce(jsonb_agg(s.value - '{at,why}'::text[])
      filter (where (s.value ->> 'mediaId')::uuid = any (marked)), '[]')
  from jsonb_array_elements(seen) s;
end
$$;
