-- The webhook road's one call: up to 1,000 mixed items, each stored once, in any order and any
-- number of copies. Locks are taken in one order (identities, chats, messages), so that batches
-- do not deadlock.
--
-- input: inbound: [{tenantId, senderId, channel, providerMessageId, identities: [{kind, hash,
--        value, rowToken}], name?, nameToken, occurredAt, contentType, content, rowToken,
--        replyTo?}], reports: [{tenantId, channel, providerMessageId, status, occurredAt,
--        attemptId?, reason?, code?, detail?, rowToken}], parked: [{tenantId, channel, reason,
--        hash, raw}]
create or replace function apply_channel_events_v1(input jsonb)
returns table (inbound_stored integer, reports_stored integer, parked_stored integer)
language plpgsql volatile as $$
declare
  item jsonb;
begin
  inbound_stored := 0;
  perform lock_identities_v1((
    select array_agg(concat_ws(':', i.value ->> 'tenantId', i.value ->> 'channel',
      n.value ->> 'kind', n.value ->> 'hash'))
    from jsonb_array_elements(input -> 'inbound') i
    cross join jsonb_array_elements(i.value -> 'identities') n));
  perform 1 from chats c
  where c.status = 'ACTIVE' and (c.tenant_id, c.person_id) in (
    select o.tenant_id, o.person_id
    from jsonb_array_elements(input -> 'inbound') i
    cross join jsonb_array_elements(i.value -> 'identities') n
    join contact_identities k on k.tenant_id = (i.value ->> 'tenantId')::bigint
      and k.channel = i.value ->> 'channel' and k.kind = n.value ->> 'kind'
      and k.value_hash = decode(n.value ->> 'hash', 'base64')
    join contacts o on o.tenant_id = k.tenant_id and o.contact_id = k.contact_id)
  order by c.tenant_id, c.chat_id
  for no key update;
  for item in
    select i.value from jsonb_array_elements(input -> 'inbound') with ordinality i
    order by i.value ->> 'occurredAt', i.ordinality
  loop
    inbound_stored := inbound_stored + store_inbound_v1(item)::integer;
  end loop;

  reports_stored := apply_reports_v1(input -> 'reports');

  with stored as (
    insert into parked_items (tenant_id, channel, reason, item_hash, raw)
    select distinct on (p."tenantId", p.hash) p."tenantId", p.channel, p.reason,
      decode(p.hash, 'base64'), convert_to(p.raw, 'UTF8')
    from jsonb_to_recordset(input -> 'parked')
      as p ("tenantId" bigint, channel text, reason text, hash text, raw text)
    order by p."tenantId", p.hash
    on conflict (tenant_id, item_hash) do nothing
    returning 1)
  select count(*) into parked_stored from stored;
  return next;
end
$$;
