-- Books what was decided of one step, if it still holds: nothing of a step that has gone, unless its
-- message is the one that failed; nothing but another look when the debt has changed meanwhile. A step
-- that goes takes the first channel that accepts its message. The caller holds the person's row.
--
-- looked: day, most (messages a person and day), horizonSeconds
-- decided: installmentId, installmentVersion, step, personId?, dueOn, balanceCents, status,
--   failedMessageId?, isOnce? (one installment of a movement is enough), trace (kept: policyVersion, step,
--   personId, dueOn, balanceCents, checks, onUnreachable), and
--   outcome: skip with reason | later with day, reason | go with sendAt, expiresAt, nextDay?,
--   channels, said (see take_message_v1)
-- rows: the send's task, when it is to be woken.
create or replace function book_step_v1(tenant bigint, looked jsonb, decided jsonb)
returns table (task_id bigint, wake_in_seconds integer)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  installment constant varchar := decided ->> 'installmentId';
  wanted_step constant varchar := decided ->> 'step';
  look_day constant date := (looked ->> 'day')::date;
  trace jsonb := decided -> 'trace';
  known dunning_steps%rowtype;
  told installments%rowtype;
  outcome text := decided ->> 'outcome';
  why text := decided ->> 'reason';
  next_day date := coalesce(decided ->> 'day', decided ->> 'nextDay')::date;
  new_message bigint;
  new_task bigint;
  new_channel text;
  wake integer;
  refused jsonb;
  refused_why text;
  is_passing boolean;
begin
  insert into dunning_steps (tenant_id, installment_id, step, state, planned_on, due_on)
  values (tenant, installment, wanted_step, 'PLANNED', look_day, (decided ->> 'dueOn')::date)
  on conflict do nothing;
  select * into known from dunning_steps d
  where d.tenant_id = tenant and d.installment_id = installment and d.step = wanted_step
  for no key update;
  if (known.state = 'SENT'
      and known.message_id is distinct from (decided ->> 'failedMessageId')::bigint)
    or (known.state = 'SKIPPED' and known.due_on = (decided ->> 'dueOn')::date)
  then
    return;
  end if;

  select * into told from installments i
  where i.tenant_id = tenant and i.installment_id = installment
  for share;
  if told.due_on <> (decided ->> 'dueOn')::date or told.status <> decided ->> 'status'
    or told.balance_cents <> (decided ->> 'balanceCents')::bigint
  then
    outcome := 'later';
    why := 'changed';
    next_day := look_day;
  end if;
  if outcome = 'go' and (decided ->> 'isOnce')::boolean and exists (
    select 1 from installments o
    join dunning_steps d on d.tenant_id = o.tenant_id and d.installment_id = o.installment_id
    where o.tenant_id = tenant and o.movement_id = told.movement_id
      and o.installment_id <> installment and d.step = wanted_step and d.state = 'SENT')
  then
    outcome := 'skip';
    why := 'told-before';
  end if;
  if outcome = 'go' and (looked ->> 'most')::integer <= (
    select count(*) from dunning_steps d
    where d.tenant_id = tenant and d.person_id = (decided ->> 'personId')::bigint
      and d.planned_on = look_day and d.state = 'SENT'
      and (d.installment_id, d.step) <> (installment, wanted_step))
  then
    outcome := case when next_day is null then 'skip' else 'later' end;
    why := 'person-day-limit';
  end if;
  if outcome = 'go' then
    select s.message_id, s.task_id, s.channel, s.wake_in_seconds, s.refused, s.why, s.is_passing
    into new_message, new_task, new_channel, wake, refused, refused_why, is_passing
    from send_step_v1(tenant, looked, decided) s;
    trace := trace || jsonb_strip_nulls(jsonb_build_object('refused', refused));
    if new_message is null then
      outcome := case when is_passing and next_day is not null then 'later' else 'skip' end;
      why := coalesce(refused_why, 'no-channel');
    end if;
  end if;

  update dunning_steps d set
    state = case outcome when 'go' then 'SENT' when 'skip' then 'SKIPPED' else 'PLANNED' end,
    planned_on = case outcome when 'later' then next_day else look_day end,
    due_on = (decided ->> 'dueOn')::date,
    reason = case when outcome <> 'go' then why end,
    person_id = (decided ->> 'personId')::bigint,
    message_id = coalesce(new_message, d.message_id),
    channel = case when outcome = 'go' then new_channel
      when decided ->> 'failedMessageId' is not null then d.channel end,
    decision = trace,
    decided_at = now()
  where d.tenant_id = tenant and d.installment_id = installment and d.step = wanted_step;
  if wake is not null then
    return query select new_task, wake;
  end if;
end
$$;
