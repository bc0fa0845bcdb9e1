-- What a message shows, from the story of its attempts: the furthest of them; FAILED only when
-- every one failed, no other way is left and nothing will try again. A mail that was delivered and
-- bounced for good has failed. The caller holds the message row's lock.
create or replace function refresh_message_v1(tenant bigint, message bigint) returns void
language plpgsql volatile as $$
declare
  furthest integer;
  open_attempts integer;
  delivered_twice boolean;
  failure record;
begin
  select
    max(case when story not in ('FAILED', 'HARD_FAILED') then report_rank(story) end),
    count(*) filter (where outcome in ('CALLING', 'UNKNOWN') and story is null),
    count(*) filter (where outcome = 'ACCEPTED' and story not in ('FAILED', 'HARD_FAILED')) > 1
  into furthest, open_attempts, delivered_twice
  from (
    select a.outcome, coalesce(a.reported_status, case a.outcome
      when 'ACCEPTED' then 'SENT' when 'REJECTED' then 'FAILED' end) as story
    from send_attempts a where a.tenant_id = tenant and a.message_id = message) s;

  if furthest is not null then
    update chat_messages m set status = shown.status, reason = null, reason_code = null,
      status_at = now(), possible_duplicate = m.possible_duplicate or delivered_twice
    from (select case furthest when 1 then 'SENT' when 3 then 'DELIVERED' else 'READ' end as status)
      shown
    where m.tenant_id = tenant and m.message_id = message
      and (m.status <> shown.status or (delivered_twice and not m.possible_duplicate))
      and not (m.status = 'EXPIRED' and shown.status = 'SENT');
    if found then
      perform await_delivery_v1(tenant, message);
    end if;
    -- Late truth: what arrived is not sent again.
    update tasks t set state = 'DONE', reason = 'reported', updated_at = now()
    where t.tenant_id = tenant and t.message_id = message and t.type = 'MESSAGE_SEND'
      and t.state = 'PENDING';
    return;
  end if;

  perform 1 from tasks t
  where t.tenant_id = tenant and t.message_id = message and t.type = 'MESSAGE_SEND'
    and t.state in ('PENDING', 'CLAIMED');
  if found then
    return;
  end if;

  -- An attempt of which nobody tells more may have arrived: not all failed. One whose answer is
  -- still awaited has its own check, unless the message shows another attempt that failed since.
  perform 1 from send_attempts a
  where a.tenant_id = tenant and a.message_id = message and a.outcome = 'ABANDONED';
  if found or open_attempts > 0 then
    update chat_messages m set status = 'UNKNOWN', reason = 'unresolved', reason_code = null,
      status_at = now()
    where m.tenant_id = tenant and m.message_id = message
      and (m.status = 'SENT' or (open_attempts = 0 and m.status in ('QUEUED', 'SENDING', 'UNKNOWN')))
      and m.reason is distinct from 'unresolved';
    if found then
      perform await_delivery_v1(tenant, message);
    end if;
    return;
  end if;

  select a.reason, a.reason_code, a.reported_status is not distinct from 'HARD_FAILED' as is_hard
  into failure from send_attempts a
  where a.tenant_id = tenant and a.message_id = message
    and (a.reported_status in ('FAILED', 'HARD_FAILED')
      or a.outcome in ('REJECTED', 'NOT_CALLED'))
  order by is_hard desc, a.number desc limit 1;
  if found and not try_another_way_v1(tenant, message, failure.reason) then
    -- What was not sent because its debt does not stand any more did not fail.
    update chat_messages m set status = case when failure.reason like 'installment-%'
        then 'CANCELLED' else 'FAILED' end, reason = failure.reason,
      reason_code = failure.reason_code, status_at = now()
    where m.tenant_id = tenant and m.message_id = message
      -- Late truth wins: what was given up for want of reports has failed.
      and (m.status in ('QUEUED', 'SENDING', 'SENT', 'UNKNOWN', 'EXPIRED')
        or (failure.is_hard and m.status in ('DELIVERED', 'READ'))
        or (failure.is_hard and m.status = 'FAILED'
          and m.reason is distinct from failure.reason));
    perform await_delivery_v1(tenant, message);
  end if;
end
$$;
