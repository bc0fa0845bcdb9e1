-- The next debts whose texts are past the tenant's time for transactional contents since they were last
-- told of, and to which nothing is to be sent any more: installments that are not open or have no standing
-- movement, and movements that have no such text and no open installment left. Nobody on legal hold is
-- among them. `person` is null where no movement says whose it is.
create or replace function old_debts_v1(tenant bigint, most integer)
returns table (kind text, id text, person bigint)
language sql volatile rows 100 as $$
  with kept as (
    select now() - t.transactional_days * interval '1 day' as since
    from tenants t where t.tenant_id = tenant
  )
  (select 'installment', i.installment_id, m.person_id
    from kept k
    join installments i on i.tenant_id = tenant and i.details is not null and i.updated_at < k.since
    left join movements m on m.tenant_id = tenant and m.movement_id = i.movement_id
    left join persons p on p.tenant_id = tenant and p.person_id = m.person_id
    where (i.status <> 'OPEN' or m.status is distinct from 'OPEN') and p.legal_hold_at is null
    order by i.updated_at, i.installment_id limit most)
  union all
  (select 'movement', m.movement_id, m.person_id
    from kept k
    join movements m on m.tenant_id = tenant and m.details is not null and m.updated_at < k.since
    join persons p on p.tenant_id = tenant and p.person_id = m.person_id
    where p.legal_hold_at is null and not exists (
      select 1 from installments i
      where i.tenant_id = tenant and i.movement_id = m.movement_id
        and (i.details is not null or (i.status = 'OPEN' and m.status = 'OPEN')))
    order by m.updated_at, m.movement_id limit most)
$$;
