-- A person wants to be written to again; see record_opt_out_v1. Also kept of whom no stop is known
-- yet: an older one may still arrive. Answers whether the person was opted out until now.
create or replace function restore_opt_out_v1(
  tenant bigint, contact bigint, lane text, given_category text, happened_at timestamptz)
returns boolean
language plpgsql volatile as $$
declare
  known opt_outs%rowtype;
begin
  if happened_at is null then
    return false;
  end if;
  insert into opt_outs
    (tenant_id, contact_id, channel, category, source, opted_out_at, restored_at)
  values (tenant, contact, lane, given_category, 'none', '-infinity', happened_at)
  on conflict (tenant_id, contact_id, channel, category) do nothing;
  if found then
    return false;
  end if;
  select * into known from opt_outs o
  where o.tenant_id = tenant and o.contact_id = contact and o.channel = lane
    and o.category = given_category
  for no key update;
  update opt_outs o set restored_at = greatest(o.restored_at, happened_at), updated_at = now()
  where o.tenant_id = tenant and o.contact_id = contact and o.channel = lane
    and o.category = given_category and happened_at > o.opted_out_at;
  return found and known.restored_at is null;
end
$$;
