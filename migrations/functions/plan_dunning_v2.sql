-- Plans the looks of the day of one tenant, if its policy is on: a task for so many installments that
-- have a step to look at. None while looks of it are still to come.
--
-- input: tenantId, debtsPerTask
-- rows: the tasks, to be woken.
create or replace function plan_dunning_v2(input jsonb)
returns table (type text, tenant_id text, task_id text, wake_in_seconds integer)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  per_task constant integer := (input ->> 'debtsPerTask')::integer;
begin
  perform pg_advisory_xact_lock(hashtextextended(concat_ws(':', 'plan_dunning', tenant), 0));
  if looks_to_come_v1(tenant) then
    return;
  end if;
  return query
  insert into tasks as t (tenant_id, type, payload, due_at, woken_at)
  select tenant, 'DUNNING_STEP',
    jsonb_strip_nulls(jsonb_build_object('day', p.day, 'until', p.last_id,
      'after', lag(p.last_id) over (order by p.part))),
    now(), now()
  from (
    select c.day, c.part, max(c.installment_id) as last_id from (
      select r.day, d.installment_id,
        (dense_rank() over (order by d.installment_id) - 1) / per_task as part
      from dunning_rules_v1(tenant, null) r
      cross join lateral dunning_candidates_v1(tenant, r.policy, r.day, null, null) d) c
    group by c.day, c.part) p
  returning t.type::text, t.tenant_id::text, t.task_id::text, 0;
end
$$;
