-- A part of the debts whose texts are over: blanks them; amounts, days and states stay. The row of each
-- person is locked, so that nobody is put on hold meanwhile; what moved since it was looked at stays.
--
-- A dry run counts to 10,000 of each kind, movements whose installments go first not among them.
--
-- row: as finish_chats_v1; `next` is not null while there may be more
create or replace function purge_debts_v1(tenant bigint, most integer, is_dry boolean)
returns table (changed integer, held jsonb, next jsonb)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  seen jsonb;
  free bigint[];
  parts integer;
  wholes integer;
begin
  if is_dry then
    select count(*) into changed from old_debts_v1(tenant, 10000) d;
    return query select changed, '{}'::jsonb, null::jsonb;
    return;
  end if;
  select coalesce(jsonb_agg(to_jsonb(d)), '[]') into seen from old_debts_v1(tenant, most) d;
  select array_agg(p.person_id) into free from (
    select o.person_id from persons o
    where o.tenant_id = tenant and o.legal_hold_at is null and o.person_id in (
      select (s.value ->> 'person')::bigint from jsonb_array_elements(seen) s)
    order by o.person_id
    for share skip locked) p;

  with due as (
    select i.installment_id from jsonb_array_elements(seen) s
    join installments i on i.tenant_id = tenant and i.installment_id = s.value ->> 'id'
    where s.value ->> 'kind' = 'installment' and i.details is not null
      and (s.value ->> 'person' is null or (s.value ->> 'person')::bigint = any (free))
    order by i.installment_id
    for no key update of i skip locked)
  update installments i set details = null from due d, tenants t
  where i.tenant_id = tenant and i.installment_id = d.installment_id and t.tenant_id = tenant
    and i.details is not null and i.updated_at < now() - t.transactional_days * interval '1 day';
  get diagnostics parts = row_count;
  with due as (
    select m.movement_id from jsonb_array_elements(seen) s
    join movements m on m.tenant_id = tenant and m.movement_id = s.value ->> 'id'
    where s.value ->> 'kind' = 'movement' and m.details is not null
      and (s.value ->> 'person')::bigint = any (free)
    order by m.movement_id
    for no key update of m skip locked)
  update movements m set details = null from due d, tenants t
  where m.tenant_id = tenant and m.movement_id = d.movement_id and t.tenant_id = tenant
    and m.details is not null and m.updated_at < now() - t.transactional_days * interval '1 day';
  get diagnostics wholes = row_count;
  -- Movements come after their installments.
  return query select parts + wholes, '{}'::jsonb,
    case when parts > 0 or wholes >= most then jsonb_build_array(parts, wholes) end;
end
$$;
