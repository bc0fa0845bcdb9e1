-- Removes a part of the Idempotency-Keys that are over; one that is just being used again is passed
-- over. Answers how many went.
create or replace function forget_keys_v1(most integer) returns integer
language plpgsql volatile as $$
declare
  gone integer;
begin
  with old as (
    select k.tenant_id, k.client_id, k.route, k.key_hash from idempotency_keys k
    where k.expires_at <= now()
    order by k.expires_at limit most
    for update skip locked)
  delete from idempotency_keys k using old o
  where k.tenant_id = o.tenant_id and k.client_id = o.client_id and k.route = o.route
    and k.key_hash = o.key_hash;
  get diagnostics gone = row_count;
  return gone;
end
$$;
