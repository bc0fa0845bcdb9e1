-- Claims jobs: tasks that may be done twice without harm, and so need no attempts of their own. A
-- call repeated with the same claim token gets the same rows again.
--
-- input: type, claimToken, leaseSeconds, jobs: [{tenantId, taskId}]
create or replace function claim_jobs_v1(input jsonb)
returns table (
  tenant_id bigint, task_id bigint, message_id bigint, payload jsonb, fence bigint,
  attempts integer)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  token constant uuid := (input ->> 'claimToken')::uuid;
begin
  perform pg_advisory_xact_lock(hashtextextended(input ->> 'claimToken', 0));
  update tasks t set state = 'CLAIMED', claim_token = token, fence = t.fence + 1,
    attempts = t.attempts + 1, first_attempt_at = coalesce(t.first_attempt_at, now()),
    lease_until = now() + (input ->> 'leaseSeconds')::double precision * interval '1 second',
    reason = null, updated_at = now()
  from (
    select d.tenant_id, d.task_id from tasks d
    join (select distinct w."tenantId", w."taskId" from jsonb_to_recordset(input -> 'jobs')
      as w ("tenantId" bigint, "taskId" bigint)) w
      on d.tenant_id = w."tenantId" and d.task_id = w."taskId"
    where d.type = input ->> 'type' and d.state = 'PENDING' and d.due_at <= now()
    order by d.tenant_id, d.task_id
    for no key update of d skip locked) due
  where t.tenant_id = due.tenant_id and t.task_id = due.task_id;

  return query
  select t.tenant_id, t.task_id, t.message_id, t.payload, t.fence, t.attempts
  from (select distinct w."tenantId", w."taskId" from jsonb_to_recordset(input -> 'jobs')
    as w ("tenantId" bigint, "taskId" bigint)) w
  join tasks t on t.tenant_id = w."tenantId" and t.task_id = w."taskId"
  where t.type = input ->> 'type' and t.state = 'CLAIMED' and t.claim_token = token
  order by t.tenant_id, t.task_id;
end
$$;
