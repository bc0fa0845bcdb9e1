-- Adds a tenant's next epoch, which functions seal under once all of them know it, and plans the task
-- that then seals everything anew. A repeated call changes nothing. Answers the epoch; null: there is
-- no such tenant, or the epoch is another one by now.
--
-- input: tenantId, epoch, dataKey (wrapped, in base64), knownAfterSeconds
create or replace function rotate_key_v1(input jsonb) returns integer
language plpgsql volatile as $$
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  next_epoch constant integer := (input ->> 'epoch')::integer;
  from_then constant timestamptz := now()
    + (input ->> 'knownAfterSeconds')::double precision * interval '1 second';
begin
  perform 1 from tenants t where t.tenant_id = tenant and t.wrapped_index_key is not null
  for no key update;
  if not found or next_epoch <> (
    select max(k.epoch) + 1 from tenant_keys k where k.tenant_id = tenant)
  then
    return null;
  end if;
  insert into tenant_keys (tenant_id, epoch, wrapped_data_key, seals_from)
  values (tenant, next_epoch, decode(input ->> 'dataKey', 'base64'), from_then);
  insert into tasks (tenant_id, type, due_at) values (tenant, 'RESEAL', from_then);
  return next_epoch;
end
$$;
