-- One bounded batch of an erasure, after its mark: sends are ended, messages blanked, debts left
-- without their texts, kept answers and parked items dropped. Answers the rows touched by table; all zero: nothing is
-- left.
create or replace function erase_rows_v1(tenant bigint, same bigint[], most integer) returns jsonb
language plpgsql volatile as $$
declare
  send record;
  ended integer := 0;
  messages integer;
  debts integer;
  parts integer;
  answers integer;
  unread integer;
begin
  for send in
    select t.task_id from tasks t
    join chat_messages m on m.tenant_id = t.tenant_id and m.message_id = t.message_id
    where t.tenant_id = tenant and t.type = 'MESSAGE_SEND' and t.state = 'PENDING'
      and t.chat_id in (
        select c.chat_id from chats c where c.tenant_id = tenant and c.person_id = any (same))
    order by m.message_id
    limit most
    for no key update of m
  loop
    perform end_send_v1(tenant, send.task_id, 'erased');
    ended := ended + 1;
  end loop;

  messages := blank_messages_v1(tenant, (
    select array_agg(b.message_id) from (
      select m.message_id from chats c
      join chat_messages m on m.tenant_id = c.tenant_id and m.chat_id = c.chat_id
      where c.tenant_id = tenant and c.person_id = any (same) and m.blanked_at is null
      limit most) b));

  update installments i set details = null
  where i.tenant_id = tenant and i.installment_id in (
    select n.installment_id from movements v
    join installments n on n.tenant_id = v.tenant_id and n.movement_id = v.movement_id
    where v.tenant_id = tenant and v.person_id = any (same) and n.details is not null
    order by n.installment_id limit most);
  get diagnostics parts = row_count;
  update movements v set details = null
  where v.tenant_id = tenant and v.movement_id in (
    select d.movement_id from movements d
    where d.tenant_id = tenant and d.person_id = any (same) and d.details is not null
    order by d.movement_id limit most);
  get diagnostics debts = row_count;
  delete from idempotency_keys k
  where k.tenant_id = tenant and k.answer #>> '{chat,personId}' = any (same::text[]);
  get diagnostics answers = row_count;
  delete from parked_items i
  where i.tenant_id = tenant and i.parked_item_id in (
    select d.parked_item_id from parked_items d
    where d.tenant_id = tenant and d.person_id = any (same)
    order by d.parked_item_id limit most);
  get diagnostics unread = row_count;

  return jsonb_build_object('endedSends', ended, 'messages', messages, 'movements', debts,
    'installments', parts, 'idempotencyKeys', answers, 'parkedItems', unread);
end
$$;
