-- Reserves a slot of the sender's throughput, not before `earliest`; slots stand 1 / rate apart.
create or replace function reserve_slot_v1(
  tenant bigint, sender bigint, earliest timestamptz) returns timestamptz
language plpgsql volatile as $$
declare
  slot timestamptz;
begin
  update sender_paces p set next_slot_at = greatest(p.next_slot_at, earliest)
    + interval '1 second' / s.rate_per_second
  from senders s
  where p.tenant_id = tenant and p.sender_id = sender
    and s.tenant_id = tenant and s.sender_id = sender
  returning p.next_slot_at - interval '1 second' / s.rate_per_second into slot;
  return slot;
end
$$;
