-- The send of a lane that may go next and is due: whoever frees a lane wakes it.
create or replace function lane_heads_v1(
  tenant bigint, chat bigint, lane text, patience interval)
returns table (tenant_id bigint, task_id bigint)
language sql stable rows 1 as $$
  select t.tenant_id, t.task_id from tasks t
  where t.tenant_id = tenant and t.chat_id = chat and t.channel = lane
    and t.type = 'MESSAGE_SEND' and t.state = 'PENDING' and t.due_at <= now()
    and first_blocker_v1(t.tenant_id, t.chat_id, t.channel, t.sequence, patience, '{}') is null
  order by t.sequence limit 1
$$;
