-- A person's word against being written to. The newest word by the provider's time wins, whatever
-- the order of arrival; of a stop and a resumption in one second the stop. Opted out is who has a
-- row with `restored_at` null. Answers whether that is new.
create or replace function record_opt_out_v1(
  tenant bigint, contact bigint, lane text, given_category text, given_source text,
  happened_at timestamptz)
returns boolean
language plpgsql volatile as $$
declare
  known opt_outs%rowtype;
begin
  insert into opt_outs (tenant_id, contact_id, channel, category, source, opted_out_at)
  values (tenant, contact, lane, given_category, given_source, happened_at)
  on conflict (tenant_id, contact_id, channel, category) do nothing;
  if found then
    return true;
  end if;
  select * into known from opt_outs o
  where o.tenant_id = tenant and o.contact_id = contact and o.channel = lane
    and o.category = given_category
  for no key update;
  update opt_outs o set opted_out_at = greatest(o.opted_out_at, happened_at),
    restored_at = case when happened_at >= o.restored_at then null else o.restored_at end,
    source = case when happened_at > o.opted_out_at then given_source else o.source end,
    updated_at = now()
  where o.tenant_id = tenant and o.contact_id = contact and o.channel = lane
    and o.category = given_category and happened_at > o.opted_out_at;
  return found and coalesce(happened_at >= known.restored_at, false);
end
$$;
