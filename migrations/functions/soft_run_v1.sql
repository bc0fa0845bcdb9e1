-- Whether the last mails to an address, as many as the tenant's run has, all bounced softly. It asks
-- the set of what was told, by the provider's time, so that any order of arrival ends the same; what
-- was before somebody lifted a suppression counts no more.
create or replace function soft_run_v1(tenant bigint, lane text, address bytea) returns boolean
language sql stable as $$
  select coalesce(count(*) = max(t.soft_bounce_run) and bool_and(e.status = 'FAILED'), false)
  from tenants t
  cross join lateral (
    select s.status from message_status s
    where s.tenant_id = t.tenant_id and s.channel = lane and s.recipient_hash = address
      and s.status in ('FAILED', 'DELIVERED') and s.message_id is not null
      -- A soft bounce of a mail that arrived is an automatic answer.
      and (s.status = 'DELIVERED' or not exists (
        select 1 from message_status d
        where d.tenant_id = s.tenant_id and d.channel = s.channel
          and d.provider_message_id = s.provider_message_id and d.status = 'DELIVERED'))
      and s.occurred_at > coalesce((
        select max(x.removed_at) from suppressions x
        where x.tenant_id = t.tenant_id and x.channel = lane and x.value_hash = address
          and x.removed_by in ('client', 'operator')), '-infinity')
    order by s.occurred_at desc, s.provider_message_id desc
    limit t.soft_bounce_run) e
  where t.tenant_id = tenant
$$;
