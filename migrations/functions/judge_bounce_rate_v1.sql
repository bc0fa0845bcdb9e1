-- Pauses the marketing mails of a tenant of whose last 1,000 mails too many bounced hard. Mails that
-- the provider's own list held back do not count there, so not here. Answers whether it has paused
-- them now.
create or replace function judge_bounce_rate_v1(tenant bigint) returns boolean
language plpgsql volatile as $$
declare
  rules tenants%rowtype;
  rate record;
begin
  select * into rules from tenants t where t.tenant_id = tenant for no key update;
  if rules.mail_paused_at is not null then
    return false;
  end if;
  select count(*) as ended, count(*) filter (where m.bounced) as bounced into rate
  from (
    select coalesce(bool_or(l.suppress = 'hard-bounce'), false) as bounced
    from (
      select s.provider_message_id, s.suppress from message_status s
      where s.tenant_id = tenant and s.channel = 'EMAIL'
        and s.status in ('DELIVERED', 'FAILED', 'HARD_FAILED') and s.message_id is not null
        and s.occurred_at > coalesce(rules.mail_resumed_at, '-infinity')
      order by s.occurred_at desc
      limit 1000) l
    group by l.provider_message_id) m;
  if rate.ended < rules.bounce_rate_minimum
    or rate.bounced * 100 <= rate.ended * rules.bounce_rate_percent
  then
    return false;
  end if;
  update tenants t set mail_paused_at = now(), mail_paused_reason = 'bounce-rate'
  where t.tenant_id = tenant;
  return true;
end
$$;
