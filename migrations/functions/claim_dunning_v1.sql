-- Claims a look at debts as claim_jobs_v1 does, with the rules of its day and the debts: of a range of
-- installments, or of the one whose message failed. What is larger than an answer may be is left for a
-- look that follows.
--
-- input: as of claim_jobs_v1, mostBytes
-- rows: first the job with its rules (null: the policy is off), then its debts with the task alone;
-- is_cut: of the last one that fits.
create or replace function claim_dunning_v1(input jsonb)
returns table (
  tenant_id bigint, task_id bigint, message_id bigint, payload jsonb, fence bigint,
  attempts integer, rules jsonb, debt jsonb, is_cut boolean)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  job record;
  day_policy jsonb;
  day_rules jsonb;
  look_day date;
begin
  for job in select * from claim_jobs_v1(input) loop
    day_policy := null;
    day_rules := null;
    select r.policy, r.day, r.rules into day_policy, look_day, day_rules
    from dunning_rules_v1(job.tenant_id, (job.payload ->> 'day')::date) r;
    return query select job.tenant_id, job.task_id, job.message_id, job.payload, job.fence,
      job.attempts, day_rules, null::jsonb, false;
    return query
    with asked as (
      select c.installment_id, c.steps, c.failed_message
      from dunning_candidates_v1(job.tenant_id, day_policy, look_day, job.payload ->> 'after',
        job.payload ->> 'until') c
      where day_rules is not null and job.message_id is null
      union all
      -- Late truth: what arrived after all goes by no other channel.
      select d.installment_id, jsonb_build_array(d.step), d.message_id from dunning_steps d
      join chat_messages f on f.tenant_id = d.tenant_id and f.message_id = d.message_id
        and f.status = 'FAILED'
      where d.tenant_id = job.tenant_id and d.message_id = job.message_id and d.state = 'SENT'
        and day_rules is not null and job.message_id is not null
    ), debts as (
      select a.installment_id, jsonb_strip_nulls(jsonb_build_object(
        'steps', a.steps,
        'failed', case when m.message_id is not null then jsonb_build_object(
          'messageId', m.message_id::text, 'channel', m.channel,
          'reason', coalesce(m.reason, 'unknown-error')) end))
        || dunning_debt_v1(job.tenant_id, a.installment_id) as debt
      from asked a
      left join chat_messages m on m.tenant_id = job.tenant_id and m.message_id = a.failed_message
    ), sized as (
      select d.debt, d.installment_id,
        sum(octet_length(d.debt::text) + 200) over (order by d.installment_id) as bytes
      from debts d)
    select null::bigint, job.task_id, null::bigint, null::jsonb, null::bigint, null::integer,
      null::jsonb, s.debt,
      s.installment_id = max(s.installment_id) over () and exists (
        select 1 from sized o where o.bytes > (input ->> 'mostBytes')::integer)
    from sized s
    where s.bytes <= (input ->> 'mostBytes')::integer
    order by s.installment_id;
  end loop;
end
$$;
