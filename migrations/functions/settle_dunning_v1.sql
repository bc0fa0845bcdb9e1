-- Ends a look at debts: books each decision, and plans the look at what did not fit. Only under its own
-- fence. All locks are taken before the first decision, in the order of apply_business_events_v1:
-- persons, installments, chats.
--
-- input: tenantId, taskId, fence, restAfter?, day, most, horizonSeconds, decisions: see book_step_v1
-- rows: whom to wake.
create or replace function settle_dunning_v1(input jsonb)
returns table (type text, tenant_id text, task_id text, wake_in_seconds integer)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  decision jsonb;
  job tasks%rowtype;
begin
  select t.* into job from tasks t
  where t.tenant_id = tenant and t.task_id = (input ->> 'taskId')::bigint
    and t.fence = (input ->> 'fence')::bigint and t.state = 'CLAIMED'
  for no key update;
  if not found then
    return;
  end if;
  perform 1 from persons p
  where p.tenant_id = tenant and p.person_id in (
    select (d ->> 'personId')::bigint from jsonb_array_elements(input -> 'decisions') d)
  order by p.person_id
  for no key update;
  perform 1 from installments i
  where i.tenant_id = tenant and i.installment_id in (
    select d ->> 'installmentId' from jsonb_array_elements(input -> 'decisions') d)
  order by i.installment_id collate "C"
  for share;
  perform 1 from chats c
  where c.tenant_id = tenant and c.status = 'ACTIVE' and c.person_id in (
    select (d ->> 'personId')::bigint from jsonb_array_elements(input -> 'decisions') d
    where d ->> 'outcome' = 'go')
  order by c.chat_id
  for no key update;

  for decision in
    select d.value from jsonb_array_elements(input -> 'decisions') with ordinality d (value, place)
    order by (d.value ->> 'personId')::bigint nulls first, d.place
  loop
    return query select 'MESSAGE_SEND', tenant::text, b.task_id::text, b.wake_in_seconds
    from book_step_v1(tenant, input, decision) b;
  end loop;

  update tasks t set state = 'DONE', updated_at = now()
  where t.tenant_id = tenant and t.task_id = job.task_id;
  if input ->> 'restAfter' is not null then
    return query
    insert into tasks as t (tenant_id, type, payload, due_at, woken_at)
    values (tenant, 'DUNNING_STEP',
      job.payload || jsonb_build_object('after', input ->> 'restAfter'), now(), now())
    returning t.type::text, t.tenant_id::text, t.task_id::text, 0;
  end if;
end
$$;
