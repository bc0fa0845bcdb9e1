-- Whether a sender's breaker lets this send through. OPEN past its time lets one probe through
-- and holds the others until the probe is settled or its time is over.
-- Answers null to go, else until when it is closed.
create or replace function enter_breaker_v1(
  tenant bigint, sender bigint, probe_time interval) returns timestamptz
language plpgsql volatile as $$
declare
  pace sender_paces%rowtype;
begin
  insert into sender_paces (tenant_id, sender_id) values (tenant, sender) on conflict do nothing;
  select * into pace from sender_paces p
  where p.tenant_id = tenant and p.sender_id = sender
  for no key update;
  if pace.breaker = 'CLOSED' then
    return null;
  end if;
  if pace.open_until > now() then
    return pace.open_until;
  end if;
  update sender_paces p set breaker = 'HALF_OPEN', open_until = now() + probe_time,
    updated_at = now()
  where p.tenant_id = tenant and p.sender_id = sender;
  return null;
end
$$;
