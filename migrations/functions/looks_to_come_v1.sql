-- Whether looks at the debts of a tenant have been planned and have not ended.
create or replace function looks_to_come_v1(tenant bigint) returns boolean
language sql stable as $$
  select exists (
    select 1 from tasks t
    where t.tenant_id = tenant and t.type = 'DUNNING_STEP'
      and t.state in ('PENDING', 'CLAIMED') and t.message_id is null)
$$;
