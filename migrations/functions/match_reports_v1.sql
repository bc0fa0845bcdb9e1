-- Gives an attempt the reports that name its provider message id and waited without a message.
create or replace function match_reports_v1(tenant bigint, attempt uuid) returns void
language plpgsql volatile as $$
declare
  mine send_attempts%rowtype;
  furthest message_status%rowtype;
  matched bigint[];
begin
  select * into mine from send_attempts a
  where a.tenant_id = tenant and a.attempt_id = attempt and a.provider_message_id is not null;
  if not found then
    return;
  end if;
  with found as (
    update message_status s set message_id = mine.message_id
    where s.tenant_id = tenant and s.channel = mine.channel
      and s.provider_message_id = mine.provider_message_id and s.message_id is null
    returning s.status_id)
  select array_agg(f.status_id) into matched from found f;
  if matched is not null then
    perform suppress_reported_v1(tenant, matched);
  end if;
  perform take_refusals_v1(tenant, array_agg(s.status_id)) from message_status s
  where s.tenant_id = tenant and s.channel = mine.channel
    and s.provider_message_id = mine.provider_message_id and s.reason = 'marketing-stopped'
  having count(*) > 0;
  select * into furthest from message_status s
  where s.tenant_id = tenant and s.channel = mine.channel
    and s.provider_message_id = mine.provider_message_id
  order by report_rank(s.status) desc limit 1;
  update send_attempts a set reported_status = furthest.status,
    reason = case when furthest.status in ('FAILED', 'HARD_FAILED') then furthest.reason end,
    reason_code = case when furthest.status in ('FAILED', 'HARD_FAILED') then furthest.reason_code
      end
  where a.tenant_id = tenant and a.attempt_id = attempt
    and report_rank(furthest.status) > report_rank(coalesce(a.reported_status, ''));
end
$$;
