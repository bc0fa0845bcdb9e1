-- One batch of a tenant's cleanup, under the claim of its task: the task remembers how far it came,
-- and the lease is renewed. No row: the claim is over, somebody else goes on.
--
-- input: tenantId, taskId, fence, leaseSeconds, most, removed: [mediaId] whose bytes are gone
-- row: stage, changed, held: {reason: count}, objects: [{mediaId, objectKey}] to take out of the
--      bucket, is_done: nothing is left
create or replace function clean_tenant_v1(input jsonb)
returns table (stage text, changed integer, held jsonb, objects jsonb, is_done boolean)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  task constant bigint := (input ->> 'taskId')::bigint;
  progress jsonb;
  batch record;
begin
  select t.payload into progress from tasks t
  where t.tenant_id = tenant and t.task_id = task and t.fence = (input ->> 'fence')::bigint
    and t.state = 'CLAIMED'
  for no key update;
  if not found then
    return;
  end if;
  update media f set removed_at = now()
  where f.tenant_id = tenant and f.removed_at is null and f.media_id in (
    select r.value::uuid from jsonb_array_elements_text(input -> 'removed') r);
  select b.* into batch from clean_stage_v1(tenant, progress ->> 'stage',
    nullif(progress -> 'after', 'null'), (input ->> 'most')::integer, false) b;
  update tasks t set updated_at = now(),
    payload = jsonb_build_object('stage', batch.then_stage, 'after', batch.then_after),
    lease_until = now() + (input ->> 'leaseSeconds')::double precision * interval '1 second'
  where t.tenant_id = tenant and t.task_id = task;
  return query select batch.at_stage, batch.changed, batch.held, batch.objects,
    batch.then_stage is null;
end
$$;
