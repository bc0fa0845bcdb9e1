-- The lowest sequence before `before` that holds up its lane: a send in flight, one whose planned
-- time has come, or one that has been retrying for less than `patience`. Null: the lane is free.
-- UNKNOWN messages (their send task is done), sends planned for later and paused mails hold up nobody.
create or replace function first_blocker_v1(
  tenant bigint, chat bigint, lane text, before bigint, patience interval, besides bigint[])
returns bigint
language sql stable
return (
  select t.sequence from tasks t
  where t.tenant_id = tenant and t.chat_id = chat and t.channel = lane and t.sequence < before
    and t.type = 'MESSAGE_SEND' and t.state in ('PENDING', 'CLAIMED')
    and not t.task_id = any (besides)
    and (
      t.state = 'CLAIMED'
      or (coalesce(t.planned_at, t.due_at) <= now() and t.reason is distinct from 'mail-paused'
        and (t.first_attempt_at is null or t.first_attempt_at > now() - patience)))
  order by t.sequence limit 1);
