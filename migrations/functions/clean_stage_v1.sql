-- One batch of one stage of a tenant's cleanup. The stages in their order are the enumeration below;
-- the next one of the last is null.
--
-- stage: null: the first; after: where its last batch ended
-- row: see finish_chats_v1; then_stage, then_after: what comes next
create or replace function clean_stage_v1(
  tenant bigint, stage text, after jsonb, most integer, is_dry boolean)
returns table (
  at_stage text, changed integer, held jsonb, objects jsonb, then_stage text, then_after jsonb)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  stages constant text[] := array['close', 'archive', 'inbound', 'marketing', 'transactional',
    'media', 'debts', 'business-events', 'dunning-steps', 'parked-items', 'raw-mails', 'reports',
    'failures', 'failure-bodies', 'failures-left', 'account-events', 'account-event-bodies',
    'account-events-left', 'portfolio-hours', 'charged-days', 'tasks'];
  done record;
begin
  at_stage := coalesce(stage, stages[1]);
  objects := '[]';
  if at_stage in ('close', 'archive') then
    select d.* into done from finish_chats_v1(tenant, at_stage, after, most, is_dry) d;
  elsif at_stage in ('inbound', 'marketing', 'transactional') then
    select d.* into done from purge_contents_v1(tenant, at_stage, after, most, is_dry) d;
  elsif at_stage = 'media' then
    select d.* into done from mark_media_v1(tenant, after, most, is_dry) d;
    objects := done.objects;
  elsif at_stage = 'debts' then
    select d.* into done from purge_debts_v1(tenant, most, is_dry) d;
  elsif at_stage in ('business-events', 'dunning-steps') then
    select d.* into done from remove_debt_rows_v1(tenant, at_stage, after, most, is_dry) d;
  else
    select d.* into done from remove_rows_v1(tenant, at_stage, most, is_dry) d;
  end if;
  changed := done.changed;
  held := done.held;
  then_after := done.next;
  then_stage := case when done.next is not null then at_stage
    else stages[array_position(stages, at_stage) + 1] end;
  return next;
end
$$;
