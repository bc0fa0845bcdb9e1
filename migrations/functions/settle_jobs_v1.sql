-- Ends claimed jobs: DONE, tried again later, or DEAD with a reason. Only under their own fence.
--
-- input: jobs: [{tenantId, taskId, fence, outcome: DONE | RETRY | DEAD, reason?, retryInSeconds?}]
-- rows: the retries that their queue can bring back itself.
create or replace function settle_jobs_v1(input jsonb)
returns table (type text, tenant_id text, task_id text, wake_in_seconds integer)
language sql volatile as $$
  with settled as (
    select distinct on (j."tenantId", j."taskId") j.*
    from jsonb_to_recordset(input -> 'jobs') as j (
      "tenantId" bigint, "taskId" bigint, fence bigint, outcome text, reason text,
      "retryInSeconds" double precision)
    order by j."tenantId", j."taskId", j.fence desc
  ), locked as (
    select t.tenant_id, t.task_id, s.outcome, s.reason,
      now() + coalesce(s."retryInSeconds", 0) * interval '1 second' as due_at
    from settled s
    join tasks t on t.tenant_id = s."tenantId" and t.task_id = s."taskId"
      and t.fence = s.fence and t.state = 'CLAIMED'
    order by t.tenant_id, t.task_id
    for no key update of t
  ), moved as (
    update tasks t set updated_at = now(), reason = l.reason,
      state = case l.outcome when 'RETRY' then 'PENDING' else l.outcome end,
      due_at = case l.outcome when 'RETRY' then l.due_at else t.due_at end,
      woken_at = case when l.outcome = 'RETRY' and l.due_at <= now() + interval '900 seconds'
        then l.due_at end
    from locked l
    where t.tenant_id = l.tenant_id and t.task_id = l.task_id
    returning t.type, t.tenant_id, t.task_id, t.state, t.woken_at
  )
  select m.type::text, m.tenant_id::text, m.task_id::text,
    greatest(0, ceil(extract(epoch from m.woken_at - now())))::integer
  from moved m where m.state = 'PENDING' and m.woken_at is not null
$$;
