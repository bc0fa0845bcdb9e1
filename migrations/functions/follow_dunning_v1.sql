-- What the end of a message means for its step. Over before it could go, or cancelled because the debt
-- has another day or amount: the step waits again. Failed otherwise: a look for another channel is
-- planned. Cancelled for good: the step was left out.
create or replace function follow_dunning_v1() returns trigger
language plpgsql volatile as $$
begin
  if new.status = 'FAILED' and new.reason is distinct from 'expired' then
    insert into tasks (tenant_id, type, message_id, due_at)
    select new.tenant_id, 'DUNNING_STEP', new.message_id, now() from dunning_steps d
    where d.tenant_id = new.tenant_id and d.message_id = new.message_id and d.state = 'SENT'
    on conflict do nothing;
    return null;
  end if;
  update dunning_steps d set
    state = case when new.reason in ('expired', 'installment-moved', 'installment-changed')
      then 'PLANNED' else 'SKIPPED' end,
    planned_on = (now() at time zone t.time_zone)::date,
    reason = coalesce(new.reason, 'cancelled'),
    channel = null
  from tenants t
  where t.tenant_id = new.tenant_id and d.tenant_id = new.tenant_id
    and d.message_id = new.message_id and d.state = 'SENT';
  return null;
end
$$;

create or replace trigger follow_dunning after update of status on chat_messages
for each row when (
  new.decision is not null and old.status is distinct from new.status
  and new.status in ('FAILED', 'CANCELLED'))
execute function follow_dunning_v1();
