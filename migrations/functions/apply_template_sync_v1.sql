-- Applies a part of what Meta listed of an account's templates, under the claim of its task. What was
-- told or listed after the claim stays. A template's first category counts as accepted; later ones
-- wait for an operator. With the last part of a whole list, templates that it lacks are DELETED and
-- the account's senders count as synced. Changes are summed on the task, so that a repeated call, or
-- the next try, answers those of the call before too.
--
-- input: tenantId, taskId, fence, wabaId, isLast, isWhole, templates: [{name, language,
--   providerTemplateId?, category, status, parameterFormat, components, shape, quality?, reason?}]
-- rows: one; not applied when the claim is over
create or replace function apply_template_sync_v1(input jsonb)
returns table (applied boolean, blocked integer, recategorised integer, other integer)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  waba constant text := input ->> 'wabaId';
  is_end constant boolean := (input ->> 'isLast')::boolean and (input ->> 'isWhole')::boolean;
  sync tasks%rowtype;
  found_changes jsonb;
begin
  select * into sync from tasks t
  where t.tenant_id = tenant and t.task_id = (input ->> 'taskId')::bigint
    and t.type = 'TEMPLATE_SYNC' and t.state = 'CLAIMED' and t.payload ->> 'wabaId' = waba
    and t.fence = (input ->> 'fence')::bigint
  for no key update;
  if not found then
    return query select false, 0, 0, 0;
    return;
  end if;

  perform 1 from provider_templates p
  where p.tenant_id = tenant and p.waba_id = waba
  order by p.name, p.language
  for no key update;

  with listed as (
    select distinct on (l.name, l.language) l.*
    from jsonb_to_recordset(input -> 'templates') as l (
      name text, language text, "providerTemplateId" text, category text, status text,
      "parameterFormat" text, components jsonb, shape jsonb, quality text, reason text)
    order by l.name, l.language
  ), before as (
    select p.* from provider_templates p where p.tenant_id = tenant and p.waba_id = waba
  ), kept as (
    insert into provider_templates as p (tenant_id, waba_id, name, language,
      provider_template_id, category, accepted_category, status, parameter_format, components,
      shape, quality, reason, synced_at)
    select tenant, waba, l.name, l.language, l."providerTemplateId", l.category, l.category,
      l.status, l."parameterFormat", l.components, l.shape, l.quality, l.reason, sync.updated_at
    from listed l
    order by l.name, l.language
    on conflict (tenant_id, waba_id, name, language) do update
    set provider_template_id = excluded.provider_template_id, category = excluded.category,
      status = excluded.status, parameter_format = excluded.parameter_format,
      components = excluded.components, shape = excluded.shape, quality = excluded.quality,
      reason = excluded.reason, synced_at = excluded.synced_at,
      updated_at = case when (p.provider_template_id, p.category, p.status, p.parameter_format,
          p.components, p.quality, p.reason)
        is distinct from (excluded.provider_template_id, excluded.category, excluded.status,
          excluded.parameter_format, excluded.components, excluded.quality, excluded.reason)
        then now() else p.updated_at end
    where greatest(p.synced_at, p.updated_at) <= excluded.synced_at
    returning p.name, p.language, p.category, p.status
  ), gone as (
    update provider_templates p
    set status = 'DELETED', synced_at = sync.updated_at, updated_at = now()
    where is_end and p.tenant_id = tenant and p.waba_id = waba and p.status <> 'DELETED'
      and greatest(p.synced_at, p.updated_at) < sync.updated_at
      and not exists (select 1 from listed l where l.name = p.name and l.language = p.language)
    returning p.name
  )
  select jsonb_build_object(
    'blocked', count(*) filter (where k.status <> b.status and k.status <> 'APPROVED')
      + (select count(*) from gone),
    'recategorised', count(*) filter (where k.category <> b.category),
    'other', count(*) filter (where k.status <> b.status and k.status = 'APPROVED'))
  into found_changes
  from kept k join before b on b.name = k.name and b.language = k.language;

  if is_end then
    update senders s set templates_synced_at = sync.updated_at
    where s.tenant_id = tenant and s.waba_id = waba;
  end if;
  -- Not `updated_at`: it says when the list began.
  update tasks t set payload = t.payload || jsonb_build_object('changes', (
    select jsonb_object_agg(c.key, c.value::integer
      + coalesce((t.payload -> 'changes' ->> c.key)::integer, 0))
    from jsonb_each_text(found_changes) c))
  where t.tenant_id = tenant and t.task_id = sync.task_id
  returning t.payload -> 'changes' into found_changes;
  return query select true, (found_changes ->> 'blocked')::integer,
    (found_changes ->> 'recategorised')::integer, (found_changes ->> 'other')::integer;
end
$$;
