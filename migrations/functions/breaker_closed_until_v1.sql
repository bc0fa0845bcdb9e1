-- Until when a sender's breaker lets nothing through; null: it is closed, or past its time and
-- waits for a probe. While a probe is under way the others look again shortly, not only at the
-- end of the probe's time. Makes and locks the sender's pace.
create or replace function breaker_closed_until_v1(
  tenant bigint, sender bigint, pacing jsonb) returns timestamptz
language plpgsql volatile as $$
declare
  pace sender_paces%rowtype;
begin
  insert into sender_paces (tenant_id, sender_id) values (tenant, sender) on conflict do nothing;
  select * into pace from sender_paces p
  where p.tenant_id = tenant and p.sender_id = sender
  for no key update;
  return case
    when pace.breaker = 'CLOSED' or pace.open_until <= now() then null
    when pace.breaker = 'HALF_OPEN' then least(pace.open_until, now()
      + (pacing ->> 'probeRetrySeconds')::double precision * interval '1 second')
    else pace.open_until end;
end
$$;
