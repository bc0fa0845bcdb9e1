-- The sends that a batch asks for, each task once. VOLATILE: see reported_attempts_v1.
create or replace function send_requests_v1(input jsonb)
returns table (tenant_id bigint, task_id bigint, attempt_id uuid)
language sql volatile rows 10 as $$
  select distinct on (w."tenantId", w."taskId") w."tenantId", w."taskId", w."attemptId"
  from jsonb_to_recordset(input -> 'sends')
    as w ("tenantId" bigint, "taskId" bigint, "attemptId" uuid)
  order by w."tenantId", w."taskId"
$$;
