-- A part of what was told of debts, or written about them, that is past the tenant's time: deletes it.
-- Both the row and the end of its debt are older than that; of a debt that stands, and of a person who
-- is held, it stays. The person's row is locked and the movement's lock taken, so that nobody is put on
-- hold and no event opens the debt again meanwhile; whoever is busy is passed over. Persons are looked
-- up one by one: the planner would read all of a tenant's for each batch.
--
-- wanted: business-events | dunning-steps
-- after: [at, id, step]; row: as finish_chats_v1
create or replace function remove_debt_rows_v1(
  tenant bigint, wanted text, after jsonb, most integer, is_dry boolean)
returns table (changed integer, held jsonb, next jsonb)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  cutoff timestamptz;
  seen jsonb;
  free bigint[];
  quiet text[];
  due jsonb;
begin
  select now() - t.billing_days * interval '1 day' into cutoff
  from tenants t where t.tenant_id = tenant;
  select jsonb_agg(to_jsonb(r) || jsonb_build_object('why', case
      when p.legal_hold_at is not null then 'legal-hold'
      when e.is_open then 'open-debt'
      when e.told_at >= cutoff then 'too-early' end, 'person', e.person)
    order by r.at, r.id, r.step) into seen
  from old_debt_rows_v1(tenant, wanted, cutoff, after, most) r
  cross join lateral debt_end_v1(tenant, r.movement, r.installment) e
  left join lateral (
    select o.legal_hold_at from persons o
    where o.tenant_id = tenant and o.person_id = e.person offset 0) p on true;
  select coalesce(jsonb_agg(s.value), '[]') into due
  from jsonb_array_elements(seen) s where s.value ->> 'why' is null;

  changed := jsonb_array_length(due);
  if not is_dry then
    select coalesce(array_agg(p.person_id), '{}') into free from (
      select o.person_id from persons o
      where o.tenant_id = tenant and o.legal_hold_at is null and o.person_id in (
        select (d.value ->> 'person')::bigint from jsonb_array_elements(due) d)
      order by o.person_id
      for share skip locked) p;
    select coalesce(array_agg(m.movement), '{}') into quiet from (
      select distinct d.value ->> 'movement' as movement from jsonb_array_elements(due) d) m
    where pg_try_advisory_xact_lock(
      hashtextextended(concat_ws(':', tenant, 'movement', m.movement), 0));
    select coalesce(jsonb_agg(d.value), '[]') into due
    from jsonb_array_elements(due) d
    cross join lateral debt_end_v1(tenant, d.value ->> 'movement', d.value ->> 'installment') e
    where d.value ->> 'movement' = any (quiet) and (e.person is null or e.person = any (free))
      and not e.is_open and coalesce(e.told_at < cutoff, true);
    changed := delete_debt_rows_v1(tenant, wanted, due, cutoff);
  end if;

  return query select changed,
    jsonb_strip_nulls(jsonb_build_object(
      'legal-hold', nullif(count(*) filter (where s.value ->> 'why' = 'legal-hold'), 0),
      'open-debt', nullif(count(*) filter (where s.value ->> 'why' = 'open-debt'), 0),
      'moved', nullif(count(*) filter (where s.value ->> 'why' is null) - changed, 0))),
    case when count(*) >= most then jsonb_build_array(seen -> -1 -> 'at', seen -> -1 -> 'id',
      seen -> -1 -> 'step') end
  from jsonb_array_elements(seen) s;
end
$$;
