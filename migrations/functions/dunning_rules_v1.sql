-- By what a tenant's debts are looked at on a day of its own calendar (null: today); no row: its policy
-- is off, or it has none.
create or replace function dunning_rules_v1(tenant bigint, wanted_day date)
returns table (policy jsonb, day date, rules jsonb)
language sql stable as $$
  select p.policy, d.day, jsonb_build_object(
    'day', d.day, 'policyVersion', p.version, 'policy', p.policy,
    'company', jsonb_build_object('name', t.name, 'timeZone', t.time_zone, 'state', t.state,
      'city', t.city))
  from tenants t
  cross join lateral (
    select o.version, o.policy from dunning_policies o where o.tenant_id = tenant
    order by o.version desc limit 1) p
  cross join lateral (
    select coalesce(wanted_day, (now() at time zone t.time_zone)::date) as day) d
  where t.tenant_id = tenant and (p.policy ->> 'enabled')::boolean
$$;
