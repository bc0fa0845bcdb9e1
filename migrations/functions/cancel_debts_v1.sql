-- Cancels what is queued about debts that do not stand any more, and notes on what is being sent at this
-- moment that it lost the race. Answers a row a message, and for what was cancelled the lane's new head
-- to wake, if it has one.
--
-- installments: ids that may have changed
create or replace function cancel_debts_v1(tenant bigint, installments text[], patience interval)
returns table (is_cancelled boolean, task_id bigint)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  wanted bigint[];
  send record;
begin
  select array_agg(m.message_id) into wanted from chat_messages m
  where m.tenant_id = tenant and m.installment_id = any (installments)
    and m.status in ('QUEUED', 'SENDING', 'UNKNOWN')
    and installment_refusal_v1(tenant, m.installment_id, m.decision) is not null;
  if wanted is null then
    return;
  end if;
  perform 1 from chats c
  where c.tenant_id = tenant and c.chat_id in (
    select m.chat_id from chat_messages m
    where m.tenant_id = tenant and m.message_id = any (wanted))
  order by c.chat_id
  for no key update;
  perform 1 from chat_messages m
  where m.tenant_id = tenant and m.message_id = any (wanted)
  order by m.message_id
  for no key update;

  for send in
    select t.task_id, t.state, m.message_id, m.chat_id, m.channel,
      installment_refusal_v1(tenant, m.installment_id, m.decision) as why
    from chat_messages m
    join tasks t on t.tenant_id = m.tenant_id and t.message_id = m.message_id
      and t.type = 'MESSAGE_SEND'
    where m.tenant_id = tenant and m.message_id = any (wanted)
      and t.state in ('PENDING', 'CLAIMED')
    order by m.message_id
  loop
    -- Another event said otherwise while we waited.
    continue when send.why is null;
    if send.state = 'PENDING' then
      perform cancel_send_v1(tenant, send.task_id, send.why);
      return query
      with woken as (
        update tasks t set woken_at = now()
        from lane_heads_v1(tenant, send.chat_id, send.channel, patience) h
        where t.tenant_id = h.tenant_id and t.task_id = h.task_id
        returning t.task_id)
      select true, k.task_id from (select 1) one left join woken k on true;
    else
      update chat_messages m set decision = coalesce(m.decision, '{}') || jsonb_build_object(
        'race', replace(send.why, 'installment-', '') || '-while-sending')
      where m.tenant_id = tenant and m.message_id = send.message_id;
      return query select false, null::bigint;
    end if;
  end loop;
end
$$;
