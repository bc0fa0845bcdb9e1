-- Deletes rows of one table, those that nobody holds at this moment; answers how many. The caller holds
-- the locks of their debts.
--
-- due: [{id, step}], see old_debt_rows_v1
create or replace function delete_debt_rows_v1(
  tenant bigint, wanted text, due jsonb, cutoff timestamptz) returns integer
language plpgsql volatile as $$
declare
  done integer;
begin
  if wanted = 'business-events' then
    with gone as (
      select b.event_id from business_events b
      join jsonb_array_elements(due) d on d.value ->> 'id' = b.event_id
      where b.tenant_id = tenant and b.created_at < cutoff
      order by b.event_id
      for update of b skip locked)
    delete from business_events b using gone g
    where b.tenant_id = tenant and b.event_id = g.event_id;
  else
    with gone as (
      select s.installment_id, s.step from dunning_steps s
      join jsonb_array_elements(due) d
        on d.value ->> 'id' = s.installment_id and d.value ->> 'step' = s.step
      where s.tenant_id = tenant and s.decided_at < cutoff
      order by s.installment_id, s.step
      for update of s skip locked)
    delete from dunning_steps s using gone g
    where s.tenant_id = tenant and s.installment_id = g.installment_id and s.step = g.step;
  end if;
  get diagnostics done = row_count;
  return done;
end
$$;
