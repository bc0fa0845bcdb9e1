-- Counts a send against the pace of its pair: one per interval, a burst borrowed from the future.
-- A rule of WhatsApp's; mails have none.
create or replace function count_pair_send_v1(
  tenant bigint, message bigint, pacing jsonb) returns void
language sql volatile as $$
  insert into pair_paces as p (tenant_id, sender_id, contact_id, arrival_at)
  select m.tenant_id, m.sender_id, m.contact_id,
    now() + (pacing ->> 'pairIntervalSeconds')::double precision * interval '1 second'
  from chat_messages m
  where m.tenant_id = tenant and m.message_id = message and m.channel = 'WHATSAPP'
  on conflict (tenant_id, sender_id, contact_id) do update
  set arrival_at = greatest(p.arrival_at, now())
    + (pacing ->> 'pairIntervalSeconds')::double precision * interval '1 second'
$$;
