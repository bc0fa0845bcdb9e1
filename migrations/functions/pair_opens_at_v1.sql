-- When the pair of sender and contact may have its next message; null when it never had one.
create or replace function pair_opens_at_v1(
  tenant bigint, sender bigint, contact bigint, pacing jsonb) returns timestamptz
language sql stable
return (
  select greatest(p.silent_until, p.arrival_at
    - (pacing ->> 'pairIntervalSeconds')::double precision * interval '1 second'
      * ((pacing ->> 'pairBurst')::integer - 1))
  from pair_paces p
  where p.tenant_id = tenant and p.sender_id = sender and p.contact_id = contact);
