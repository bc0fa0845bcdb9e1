-- The steps to look at on a day, by installment: whose own day has come or was lately, and that have no
-- row yet or one of another due day; and those that wait for the day. Closed days move a step's day by
-- a week at most (mostShiftDays of the domain): one that they move to an earlier day is looked at as
-- soon as that may be, and gets a row that waits.
--
-- policy: a DunningPolicy. after_id, until_id: a range of installments, the second one included; null:
-- without an end.
-- rows: one an installment; failed_message: of a step that goes on after it, which is a row of its own.
create or replace function dunning_candidates_v1(
  tenant bigint, policy jsonb, day date, after_id text, until_id text)
returns table (installment_id varchar, steps jsonb, failed_message bigint)
language sql volatile as $$
  with wanted as (
    select s.value ->> 'name' as step, s.place, s.value ->> 'anchor' as anchor,
      day - (s.value ->> 'days')::integer - late.days - (s.value ->> 'ttlDays')::integer - 7
        as first_day,
      day - (s.value ->> 'days')::integer - late.days
        + case s.value ->> 'onClosedDay' when 'earlier' then 7 else 0 end as last_day
    from jsonb_array_elements(policy -> 'steps') with ordinality s (value, place)
    cross join lateral (select case
      when s.value ->> 'anchor' = 'due' and (s.value ->> 'days')::integer > 0
      then (policy ->> 'toleranceDays')::integer else 0 end as days) late
  ), near as (
    select i.installment_id, i.due_on, w.step, w.place from wanted w
    join installments i on i.tenant_id = tenant and i.due_on between w.first_day and w.last_day
    where w.anchor = 'due'
    union all
    select i.installment_id, i.due_on, w.step, w.place from wanted w
    join movements m on m.tenant_id = tenant
      and m.created_at >= w.first_day - 1 and m.created_at < w.last_day + 2
    cross join lateral (
      select o.installment_id, o.due_on from installments o
      where o.tenant_id = tenant and o.movement_id = m.movement_id
      order by o.status <> 'OPEN', o.number limit 1) i
    -- Of the first installment that is open, unless another one told it.
    where w.anchor = 'created' and not exists (
      select 1 from installments t
      join dunning_steps d on d.tenant_id = t.tenant_id and d.installment_id = t.installment_id
      where t.tenant_id = tenant and t.movement_id = m.movement_id and d.step = w.step
        and d.state = 'SENT')
  ), found as (
    select n.installment_id, n.step, n.place, null::bigint as failed_message from near n
    left join dunning_steps d on d.tenant_id = tenant and d.installment_id = n.installment_id
      and d.step = n.step
    where d.step is null or (d.state <> 'SENT' and d.due_on <> n.due_on)
    union
    select d.installment_id, d.step, coalesce(w.place, 0),
      case when d.channel is not null then d.message_id end
    from dunning_steps d
    left join wanted w on w.step = d.step
    where d.tenant_id = tenant and d.state = 'PLANNED' and d.planned_on <= day
      -- The finance system said so, and no event has told it yet: once a day is enough.
      and not (d.planned_on = day and coalesce(d.reason, '') in ('installment-moved', 'installment-changed')
        and installment_refusal_v1(tenant, d.installment_id, d.decision) is null)
  )
  select f.installment_id, jsonb_agg(f.step order by f.place), max(f.failed_message)
  from (
    select distinct on (a.installment_id, a.step) a.* from found a
    where (after_id is null or a.installment_id > after_id)
      and (until_id is null or a.installment_id <= until_id)
    order by a.installment_id, a.step, a.failed_message nulls last) f
  group by f.installment_id, f.failed_message
$$;
