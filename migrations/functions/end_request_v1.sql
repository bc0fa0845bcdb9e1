-- How a request that was told to go ends: its answer is kept for whoever repeats it; null: it was
-- refused, and the key is free again.
--
-- input: see begin_request_v1
create or replace function end_request_v1(input jsonb, given jsonb) returns void
language plpgsql volatile as $$
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  client constant bigint := (input ->> 'clientId')::bigint;
  key constant bytea := decode(input ->> 'keyHash', 'base64');
begin
  if key is null then
    return;
  end if;
  if given is null then
    delete from idempotency_keys k
    where k.tenant_id = tenant and k.client_id = client and k.route = input ->> 'route'
      and k.key_hash = key;
  else
    update idempotency_keys k set answer = given
    where k.tenant_id = tenant and k.client_id = client and k.route = input ->> 'route'
      and k.key_hash = key;
  end if;
end
$$;
