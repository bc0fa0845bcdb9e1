-- What a look at a day would have before it, by installment, with what each channel would say to each
-- step's message now. Writes nothing.
--
-- input: tenantId, day, draft?: a DunningPolicy, default: the one of who has none, limit, after?
-- rows: first the rules, and whether more follows; then the debts.
create or replace function dry_run_dunning_v1(input jsonb)
returns table (
  rules jsonb, debt jsonb, refusals jsonb, sent_that_day integer, is_more boolean)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  look_day constant date := (input ->> 'day')::date;
  wanted jsonb := coalesce(input -> 'draft', (
    select p.policy from dunning_policies p where p.tenant_id = tenant
    order by p.version desc limit 1), input -> 'default');
  ids varchar[];
begin
  select array_agg(c.installment_id order by c.installment_id) into ids from (
    select distinct d.installment_id
    from dunning_candidates_v1(tenant, wanted, look_day, input ->> 'after', null) d
    order by d.installment_id limit (input ->> 'limit')::integer + 1) c;
  return query
  select jsonb_build_object(
      'day', look_day, 'policy', wanted,
      'policyVersion', coalesce((select max(p.version) from dunning_policies p
        where p.tenant_id = tenant), 0),
      'company', jsonb_build_object('name', t.name, 'timeZone', t.time_zone, 'state', t.state,
        'city', t.city)),
    null::jsonb, null::jsonb, 0, coalesce(cardinality(ids), 0) > (input ->> 'limit')::integer
  from tenants t where t.tenant_id = tenant;
  ids := ids[1:(input ->> 'limit')::integer];
  if ids is null then
    return;
  end if;
  return query
  select null::jsonb, k.debt,
    coalesce((select jsonb_object_agg(s.step, dunning_refusals_v1(tenant,
        (k.debt ->> 'personId')::bigint, wanted, s.step))
      from jsonb_array_elements_text(c.steps) s (step)), '{}'),
    (select count(*) from dunning_steps d
      where d.tenant_id = tenant and d.person_id = (k.debt ->> 'personId')::bigint
        and d.planned_on = look_day and d.state = 'SENT')::integer,
    false
  from dunning_candidates_v1(tenant, wanted, look_day, input ->> 'after',
    ids[cardinality(ids)]) c
  left join chat_messages m on m.tenant_id = tenant and m.message_id = c.failed_message
  cross join lateral (
    select jsonb_strip_nulls(jsonb_build_object('steps', c.steps,
      'failed', case when m.message_id is not null then jsonb_build_object(
        'messageId', m.message_id::text, 'channel', m.channel,
        'reason', coalesce(m.reason, 'unknown-error')) end))
      || dunning_debt_v1(tenant, c.installment_id) as debt) k
  order by c.installment_id;
end
$$;
