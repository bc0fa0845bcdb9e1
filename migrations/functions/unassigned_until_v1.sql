-- The day by which all that nobody can assign to a person, and that is there today, will have gone by
-- age. What lies on a queue may be parked or recorded as a failure on its last day there, and has its
-- own time from then on; of nobody we know it is the deployment's (tenant 0). One day more, because
-- what is over goes within a day.
create or replace function unassigned_until_v1(
  tenant bigint, raw_mail_days integer, queue_days integer) returns date
language sql stable
return (
  select (now() at time zone 'UTC')::date + 1
    + greatest(raw_mail_days, queue_days + max(greatest(t.raw_days, t.task_days)))
  from tenants t where t.tenant_id in (tenant, 0));
