-- Counts a charged message against the tenant's guard for the day of its time zone. False: the guard
-- is reached, nothing was counted. Since October 2026 Meta charges every WhatsApp message.
create or replace function count_charged_v1(tenant bigint, lane text) returns boolean
language plpgsql volatile as $$
declare
  guard tenants%rowtype;
begin
  select * into guard from tenants t where t.tenant_id = tenant;
  if guard.charged_per_day is null or lane <> 'WHATSAPP' then
    return true;
  end if;
  insert into charged_days as d (tenant_id, day, messages)
  values (tenant, (now() at time zone guard.time_zone)::date, 1)
  on conflict (tenant_id, day) do update set messages = d.messages + 1
  where d.messages < guard.charged_per_day;
  return found;
end
$$;
