-- The send that may go although the breaker is not closed is its probe: the others are held until
-- it is settled or its time is over. The caller holds the pace's lock.
create or replace function take_probe_v1(
  tenant bigint, sender bigint, pacing jsonb) returns void
language sql volatile as $$
  update sender_paces p set breaker = 'HALF_OPEN', updated_at = now(),
    open_until = now() + (pacing ->> 'probeSeconds')::double precision * interval '1 second'
  where p.tenant_id = tenant and p.sender_id = sender and p.breaker <> 'CLOSED'
$$;
