-- Everything that is not final and why it waits, oldest first: for operators.
-- input: tenantId?, limit
create or replace function waiting_messages_v1(input jsonb)
returns table (
  tenant_id text, message_id text, chat_id text, status text, why text, due_at text,
  attempts integer, sender_id text, breaker text, waits_seconds bigint)
language sql stable as $$
  select m.tenant_id::text, m.message_id::text, m.chat_id::text, m.status::text,
    case
      when m.status = 'SENDING' and t.lease_until < now() then 'lease-expired'
      when m.status = 'SENDING' then 'calling-the-provider'
      when m.status = 'UNKNOWN' then 'waits-for-a-report'
      when m.status = 'SENT' then 'waits-for-delivery'
      when coalesce(t.planned_at, t.due_at) > now() then 'planned'
      when p.breaker <> 'CLOSED' then 'breaker-' || replace(lower(p.breaker), '_', '-')
      when t.due_at > now() then coalesce(t.reason, 'retry')
      when first_blocker_v1(t.tenant_id, t.chat_id, t.channel, t.sequence, interval '10 minutes',
        '{}') is not null then 'behind-an-earlier-message'
      else 'due' end,
    iso_utc(coalesce(t.due_at, c.due_at)), coalesce(t.attempts, 0), m.sender_id::text,
    p.breaker::text, extract(epoch from now() - m.created_at)::bigint
  from chat_messages m
  left join tasks t on t.tenant_id = m.tenant_id and t.message_id = m.message_id
    and t.type = 'MESSAGE_SEND' and t.state in ('PENDING', 'CLAIMED')
  left join tasks c on c.tenant_id = m.tenant_id and c.message_id = m.message_id
    and c.type = 'MESSAGE_STATUS_CHECK' and c.state = 'PENDING'
  left join sender_paces p on p.tenant_id = m.tenant_id and p.sender_id = m.sender_id
  where m.direction = 'OUTBOUND'
    and (m.status in ('QUEUED', 'SENDING', 'SENT')
      or (m.status = 'UNKNOWN' and m.reason is distinct from 'unresolved'))
    and (input ->> 'tenantId' is null or m.tenant_id = (input ->> 'tenantId')::bigint)
  order by m.created_at
  limit (input ->> 'limit')::integer
$$;
