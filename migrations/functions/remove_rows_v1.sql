-- A part of the rows of a kind that only the machine needs and that are past their time: deletes
-- them. Each kind is a line of the list; one whose table is not there has none.
--
-- A dry run counts to 10,000.
--
-- row: as close_chats_v1; `next` is not null while there may be more
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
    ('parked-items', 'parked_items', 'parked_item_id', 'created_at', 'raw', 'true'),
    ('raw-mails', 'raw_mails', 'raw_mail_id', 'received_at', 'mail', 'true'),
    ('reports', 'message_status', 'status_id', 'created_at', 'raw', 'message_id is null'),
    ('failures', 'task_failures', 'task_failure_id', 'created_at', 'raw',
      'resolved_at is not null'),
    ('account-events', 'account_events', 'account_event_id', 'created_at', 'task',
      $c$acknowledged_at is not null or severity = 'info'$c$),
    ('tasks', 'tasks', 'task_id', 'updated_at', 'task',
      $c$state in ('DONE', 'CANCELLED', 'DEAD')
        and type not in ('MESSAGE_SEND', 'EVENT_DELIVERY')$c$)
  ) as k (name, table_name, key, at, days, condition)
  where k.name = wanted;
  if not found or to_regclass(kind.table_name) is null then
    return query select 0, '{}'::jsonb, null::jsonb;
    return;
  end if;
  select now() - interval '1 day' * case kind.days when 'raw' then t.raw_days
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
     delete from %1$I r using old
     where r.tenant_id = $1 and r.%2$I = old.key and r.%3$I < $2 and (%4$s)',
    kind.table_name, kind.key, kind.at, kind.condition) using tenant, cutoff, most;
  get diagnostics changed = row_count;
  return query select changed, '{}'::jsonb,
    case when changed >= most then jsonb_build_array(changed) end;
end
$$;
