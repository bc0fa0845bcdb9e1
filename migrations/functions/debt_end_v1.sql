-- Whether a debt still stands, and when the finance system last told of it. Of one installment, or of a
-- whole movement where `installment` is null. As in old_debts_v1 nothing stands without a movement.
create or replace function debt_end_v1(tenant bigint, movement text, installment text)
returns table (is_open boolean, told_at timestamptz, person bigint)
language sql volatile rows 1 as $$
  with parts as (
    select i.status, i.updated_at from installments i
    where i.tenant_id = tenant and i.installment_id = installment
    union all
    select i.status, i.updated_at from installments i
    where installment is null and i.tenant_id = tenant and i.movement_id = movement)
  select coalesce(m.status = 'OPEN' and p.is_open, false), greatest(m.updated_at, p.told_at),
    m.person_id
  from (select bool_or(o.status = 'OPEN') as is_open, max(o.updated_at) as told_at from parts o) p
  left join movements m on m.tenant_id = tenant and m.movement_id = movement
$$;
