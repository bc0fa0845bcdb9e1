-- A provider that refused a message because the person stopped marketing messages tells us so:
-- these reports' contacts are opted out of them.
create or replace function take_refusals_v1(tenant bigint, statuses bigint[]) returns void
language sql volatile as $$
  select record_opt_out_v1(
    r.tenant_id, r.contact_id, r.channel, 'MARKETING', 'provider-refusal', r.occurred_at)
  from (
    select m.tenant_id, m.contact_id, m.channel, max(s.occurred_at) as occurred_at
    from message_status s
    join chat_messages m on m.tenant_id = s.tenant_id and m.message_id = s.message_id
    where s.tenant_id = tenant and s.status_id = any (statuses) and s.reason = 'marketing-stopped'
    group by m.tenant_id, m.contact_id, m.channel
    order by m.contact_id) r
$$;
