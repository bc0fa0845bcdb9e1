-- Plans the day's cleanup of every tenant that has none waiting and began none lately. Safe to run
-- twice and in parallel.
--
-- input: everySeconds: how far apart two cleanups of a tenant begin
-- rows: the planned tasks, to be woken
create or replace function plan_cleanups_v1(input jsonb)
returns table (tenant_id text, task_id text)
language plpgsql volatile as $$
#variable_conflict use_column
begin
  perform pg_advisory_xact_lock(hashtextextended('plan_cleanups_v1', 0));
  return query
  insert into tasks (tenant_id, type, due_at)
  select t.tenant_id, 'CHAT_CLEANUP', now() from tenants t
  where not exists (
    select 1 from tasks k
    where k.tenant_id = t.tenant_id and k.type = 'CHAT_CLEANUP' and (
      k.state in ('PENDING', 'CLAIMED') or k.created_at
        > now() - (input ->> 'everySeconds')::double precision * interval '1 second'))
  order by t.tenant_id
  returning tasks.tenant_id::text, tasks.task_id::text;
end
$$;
