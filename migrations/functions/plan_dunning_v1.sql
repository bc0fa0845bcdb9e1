-- Plans the looks of the day of every tenant whose policy is on: a task for so many installments that
-- have a step to look at. None for a tenant while looks of it are still to come.
--
-- input: debtsPerTask
-- rows: the tasks, to be woken.
create or replace function plan_dunning_v1(input jsonb)
returns table (type text, tenant_id text, task_id text, wake_in_seconds integer)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  per_task constant integer := (input ->> 'debtsPerTask')::integer;
  company record;
begin
  perform pg_advisory_xact_lock(hashtextextended('plan_dunning_v1', 0));
  for company in
    select k.tenant_id, r.policy, r.day
    from (select distinct p.tenant_id from dunning_policies p) k
    cross join lateral dunning_rules_v1(k.tenant_id, null) r
    where not exists (
      select 1 from tasks t
      where t.tenant_id = k.tenant_id and t.type = 'DUNNING_STEP'
        and t.state in ('PENDING', 'CLAIMED') and t.message_id is null)
    order by k.tenant_id
  loop
    return query
    insert into tasks as t (tenant_id, type, payload, due_at, woken_at)
    select company.tenant_id, 'DUNNING_STEP',
      jsonb_strip_nulls(jsonb_build_object('day', company.day, 'until', p.last_id,
        'after', lag(p.last_id) over (order by p.part))),
      now(), now()
    from (
      select c.part, max(c.installment_id) as last_id from (
        select d.installment_id,
          (dense_rank() over (order by d.installment_id) - 1) / per_task as part
        from dunning_candidates_v1(company.tenant_id, company.policy, company.day, null, null) d) c
      group by c.part) p
    returning t.type::text, t.tenant_id::text, t.task_id::text, 0;
  end loop;
end
$$;
