-- The next rows of what was told of debts (business-events) or of what was written about them
-- (dunning-steps) that are older than `cutoff`, with the debt that they are of. Of an event the step is
-- empty. Each batch begins in the index where the one before ended: what stays is not read again, which
-- an `or` beside the comparison would do in a plan for any `after`.
create or replace function old_debt_rows_v1(
  tenant bigint, wanted text, cutoff timestamptz, after jsonb, most integer)
returns table (at timestamptz, id text, step text, movement text, installment text)
language sql volatile rows 200 as $$
  (select b.created_at, b.event_id, '', coalesce(i.movement_id, b.thing_id), i.installment_id
    from business_events b
    left join installments i on i.tenant_id = tenant and i.installment_id = b.thing_id
      and b.type like 'installment.%'
    where wanted = 'business-events' and b.tenant_id = tenant and b.created_at < cutoff
      and (b.created_at, b.event_id)
        > (coalesce((after ->> 0)::timestamptz, '-infinity'), coalesce(after ->> 1, ''))
    order by b.created_at, b.event_id limit most)
  union all
  (select d.decided_at, d.installment_id, d.step, i.movement_id, i.installment_id
    from dunning_steps d
    join installments i on i.tenant_id = tenant and i.installment_id = d.installment_id
    where wanted = 'dunning-steps' and d.tenant_id = tenant and d.decided_at < cutoff
      and (d.decided_at, d.installment_id, d.step)
        > (coalesce((after ->> 0)::timestamptz, '-infinity'), coalesce(after ->> 1, ''),
          coalesce(after ->> 2, ''))
    order by d.decided_at, d.installment_id, d.step limit most)
$$;
