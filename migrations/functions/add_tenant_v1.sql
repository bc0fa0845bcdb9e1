-- A tenant and its first keys, all or nothing: nobody sees a tenant that cannot seal. The keys are
-- bound to its id, so the caller takes the id from the sequence first. A repeated call answers the
-- same; no row: the id is another tenant's.
--
-- input: tenantId, name, timeZone, indexKey, dataKey (wrapped, in base64; the data key of epoch 1)
create or replace function add_tenant_v1(input jsonb) returns table (tenant_id text)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  index_key constant bytea := decode(input ->> 'indexKey', 'base64');
begin
  insert into tenants (tenant_id, name, time_zone, wrapped_index_key)
  values (tenant, input ->> 'name', input ->> 'timeZone', index_key)
  on conflict (tenant_id) do nothing;
  if found then
    insert into tenant_keys (tenant_id, epoch, wrapped_data_key)
    values (tenant, 1, decode(input ->> 'dataKey', 'base64'));
  end if;
  return query select t.tenant_id::text from tenants t
    where t.tenant_id = tenant and t.wrapped_index_key = index_key;
end
$$;
