-- Books what a known person said at the provider about marketing messages.
create or replace function apply_preference_v1(item jsonb) returns void
language plpgsql volatile as $$
declare
  tenant constant bigint := (item ->> 'tenantId')::bigint;
  lane constant text := item ->> 'channel';
  happened_at constant timestamptz := (item ->> 'occurredAt')::timestamptz;
  contact constant bigint := find_contact_v1(tenant, lane, item -> 'identities');
begin
  if contact is null then
    return;
  end if;
  if (item ->> 'wants')::boolean then
    perform restore_opt_out_v1(tenant, contact, lane, 'MARKETING', happened_at);
  else
    perform record_opt_out_v1(tenant, contact, lane, 'MARKETING', 'preference', happened_at);
  end if;
end
$$;
