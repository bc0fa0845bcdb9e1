-- Sets how long what of a tenant is kept, in days; null: without end. What is not named stays. False:
-- there is no such tenant.
--
-- input: tenantId, and any of closeAfter, archiveAfter, transactional, marketing, inbound, media,
--        billing, tasks, raw
create or replace function set_retention_v1(input jsonb) returns boolean
language plpgsql volatile as $$
begin
  update tenants t set
    close_after_days = case when input ? 'closeAfter' then (input ->> 'closeAfter')::integer
      else t.close_after_days end,
    archive_after_days = case when input ? 'archiveAfter' then (input ->> 'archiveAfter')::integer
      else t.archive_after_days end,
    transactional_days = case when input ? 'transactional'
      then (input ->> 'transactional')::integer else t.transactional_days end,
    marketing_days = case when input ? 'marketing' then (input ->> 'marketing')::integer
      else t.marketing_days end,
    inbound_days = case when input ? 'inbound' then (input ->> 'inbound')::integer
      else t.inbound_days end,
    media_days = case when input ? 'media' then (input ->> 'media')::integer
      else t.media_days end,
    billing_days = case when input ? 'billing' then (input ->> 'billing')::integer
      else t.billing_days end,
    task_days = coalesce((input ->> 'tasks')::integer, t.task_days),
    raw_days = coalesce((input ->> 'raw')::integer, t.raw_days)
  where t.tenant_id = (input ->> 'tenantId')::bigint;
  return found;
end
$$;
