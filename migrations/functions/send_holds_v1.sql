-- What would hold back a send of this sender to this contact, and until when: the breaker, the pace
-- of the pair, the throughput. Only looks; admit_send_v1 decides, when the send's turn has come.
--
-- pacing: slotToleranceSeconds, pairIntervalSeconds, pairBurst
create or replace function send_holds_v1(
  tenant bigint, sender bigint, contact bigint, pacing jsonb)
returns table (reason text, until timestamptz)
language sql stable as $$
  select 'breaker-open', p.open_until from sender_paces p
  where p.tenant_id = tenant and p.sender_id = sender and p.breaker <> 'CLOSED'
    and p.open_until > now()
  union all
  select 'throughput', p.next_slot_at from sender_paces p
  where p.tenant_id = tenant and p.sender_id = sender and p.next_slot_at
    > now() + (pacing ->> 'slotToleranceSeconds')::double precision * interval '1 second'
  union all
  select 'pair-pace', o.opens_at
  from (select pair_opens_at_v1(tenant, sender, contact, pacing) as opens_at) o
  where o.opens_at > now()
$$;
