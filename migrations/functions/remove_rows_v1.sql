-- A part of the rows of a kind that only the machine needs and that are past their time: deletes them, or
-- empties the column `blank` of them. Each kind is a line of the list; one whose table is not there has
-- none. What nobody cared for loses its body in the time of tasks, and is remembered for as long again.
--
-- A dry run counts to 10,000.
--
-- row: as finish_chats_v1; `next` is not null while there may be more
create or replace function remove_rows_v1(
  tenant bigint, wanted text, most integer, is_dry boolean)
returns table (changed integer, held jsonb, next jsonb)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  kind record;
  cutoff timestamptz;
begin
  select k.* into kind from (values
    ('parked-items', 'parked_items', 'parked_item_id', 'created_at', 'raw', 1,
      'not is_held_v1(r.tenant_id, r.authors)', null),
    ('raw-mails', 'raw_mails', 'raw_mail_id', 'received_at', 'mail', 1, 'true', null),
    ('reports', 'message_status', 'status_id', 'created_at', 'raw', 1, 'message_id is null', null),
    ('failures', 'task_failures', 'task_failure_id', 'created_at', 'raw', 1,
      'resolved_at is not null', null),
    ('failure-bodies', 'task_failures', 'task_failure_id', 'created_at', 'task', 1,
      'resolved_at is null and body is not null', 'body'),
    ('failures-left', 'task_failures', 'task_failure_id', 'created_at', 'task', 2,
      'resolved_at is null', null),
    ('account-events', 'account_events', 'account_event_id', 'created_at', 'task', 1,
      $c$acknowledged_at is not null or severity = 'info'$c$, null),
    ('account-event-bodies', 'account_events', 'account_event_id', 'created_at', 'task', 1,
      'raw is not null', 'raw'),
    ('account-events-left', 'account_events', 'account_event_id', 'created_at', 'task', 2,
      'true', null),
    -- Hours are counted for 25, days for one of the tenant's own.
    ('portfolio-hours', 'portfolio_hours', 'hour', 'hour', 'task', 2, 'true', null),
    ('charged-days', 'charged_days', 'day', 'day', 'task', 2, 'true', null),
    ('tasks', 'tasks', 'task_id', 'updated_at', 'task', 1,
      $c$state in ('DONE', 'CANCELLED', 'DEAD')
        and type not in ('MESSAGE_SEND', 'EVENT_DELIVERY')$c$, null)
  ) as k (name, table_name, key, at, days, times, condition, blank)
  where k.name = wanted;
  if not found or to_regclass(kind.table_name) is null then
    return query select 0, '{}'::jsonb, null::jsonb;
    return;
  end if;
  select now() - interval '1 day' * kind.times * case kind.days when 'raw' then t.raw_days
    -- SES's bucket has none that is older.
    when 'mail' then 32 else t.task_days end into cutoff
  from tenants t where t.tenant_id = tenant;
  if is_dry then
    execute format(
      'select count(*) from (
         select from %1$I r where r.tenant_id = $1 and r.%2$I < $2 and (%3$s) limit 10000) o',
      kind.table_name, kind.at, kind.condition) into changed using tenant, cutoff;
    return query select changed, '{}'::jsonb, null::jsonb;
    return;
  end if;
  execute format(
    'with old as (
       select r.%2$I as key from %1$I r
       where r.tenant_id = $1 and r.%3$I < $2 and (%4$s)
       order by r.%3$I limit $3)
     ' || case when kind.blank is null then 'delete from %1$I r using old'
       else 'update %1$I r set %5$I = null from old' end || '
     where r.tenant_id = $1 and r.%2$I = old.key and r.%3$I < $2 and (%4$s)',
    kind.table_name, kind.key, kind.at, kind.condition, kind.blank) using tenant, cutoff, most;
  get diagnostics changed = row_count;
  return query select changed, '{}'::jsonb,
    case when changed >= most then jsonb_build_array(changed) end;
end
$$;
