-- Ends claimed deliveries as settle_jobs_v1 ends any job, only under their own fence; keeps what each
-- call came to, and what that says of its subscription: whether it fails, for how long it is left
-- alone, and that it is paused.
--
-- input: failuresToHold, holdSeconds, holdCapSeconds, jobs: [{tenantId, taskId, fence, outcome,
--        reason?, retryInSeconds?, attempt?: {outcome, isDelivered, statusCode?, durationMs},
--        pauseReason?, isHeld?: nothing was called, leftEventIds?: what the bus did not take}]
-- rows: the retries that their queue can bring back itself.
create or replace function settle_event_deliveries_v1(input jsonb)
returns table (type text, tenant_id text, task_id text, wake_in_seconds integer)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  hold_after constant integer := (input ->> 'failuresToHold')::integer;
  hold constant double precision := (input ->> 'holdSeconds')::double precision;
  hold_cap constant double precision := (input ->> 'holdCapSeconds')::double precision;
begin
  perform 1 from tasks t
  where (t.tenant_id, t.task_id) in (
    select j."tenantId", j."taskId" from jsonb_to_recordset(input -> 'jobs')
      as j ("tenantId" bigint, "taskId" bigint))
  order by t.tenant_id, t.task_id
  for no key update;

  with settled as (
    select distinct on (t.tenant_id, t.task_id) t.tenant_id, t.attempts, j.attempt,
      j."pauseReason" as pause_reason, (t.payload ->> 'subscriptionId')::bigint as subscription_id,
      (t.payload ->> 'eventId')::bigint as event_id
    from jsonb_to_recordset(input -> 'jobs') as j (
      "tenantId" bigint, "taskId" bigint, fence bigint, attempt jsonb, "pauseReason" text)
    join tasks t on t.tenant_id = j."tenantId" and t.task_id = j."taskId" and t.fence = j.fence
      and t.state = 'CLAIMED'
    where j.attempt is not null and t.payload ->> 'subscriptionId' is not null
    order by t.tenant_id, t.task_id
  ), kept as (
    insert into event_delivery_attempts
      (tenant_id, subscription_id, event_id, number, outcome, status_code, duration_ms)
    select s.tenant_id, s.subscription_id, s.event_id, s.attempts, s.attempt ->> 'outcome',
      (s.attempt ->> 'statusCode')::integer, (s.attempt ->> 'durationMs')::integer
    from settled s order by s.tenant_id, s.subscription_id, s.event_id
  ), verdicts as (
    select s.tenant_id, s.subscription_id,
      bool_or((s.attempt ->> 'isDelivered')::boolean) as is_delivered,
      max(s.pause_reason) as pause_reason
    from settled s group by s.tenant_id, s.subscription_id
  ), locked as (
    select v.* from verdicts v
    join subscriptions s on s.tenant_id = v.tenant_id and s.subscription_id = v.subscription_id
    order by s.tenant_id, s.subscription_id
    for no key update of s
  )
  update subscriptions s set
    failures = case when l.is_delivered then 0 else s.failures + 1 end,
    failing_since = case when l.is_delivered then null else coalesce(s.failing_since, now()) end,
    retry_at = case when not l.is_delivered and s.failures + 1 >= hold_after
      then now() + least(hold_cap, hold * 2 ^ least(20, s.failures + 1 - hold_after))
        * interval '1 second' end,
    last_success_at = case when l.is_delivered then now() else s.last_success_at end,
    status = case when l.pause_reason is null then s.status else 'PAUSED' end,
    paused_reason = case when s.status = 'ACTIVE' then l.pause_reason else s.paused_reason end,
    updated_at = case when s.status = 'ACTIVE' and l.pause_reason is not null then now()
      else s.updated_at end
  from locked l
  where s.tenant_id = l.tenant_id and s.subscription_id = l.subscription_id;

  update tasks t set
    attempts = t.attempts - case when j."isHeld" then 1 else 0 end,
    payload = case when j."leftEventIds" is null then t.payload
      else t.payload || jsonb_build_object('eventIds', j."leftEventIds") end
  from jsonb_to_recordset(input -> 'jobs') as j (
    "tenantId" bigint, "taskId" bigint, fence bigint, "isHeld" boolean, "leftEventIds" jsonb)
  where t.tenant_id = j."tenantId" and t.task_id = j."taskId" and t.fence = j.fence
    and t.state = 'CLAIMED' and (j."isHeld" or j."leftEventIds" is not null);

  return query select s.type, s.tenant_id, s.task_id, s.wake_in_seconds from settle_jobs_v1(input) s;
end
$$;
