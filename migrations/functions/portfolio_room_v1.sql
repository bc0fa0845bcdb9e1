-- Whether a message to this contact stays within Meta's limit of unique users that a portfolio may
-- reach outside their service window in a moving 24 hours. `counting` takes the place.
create or replace function portfolio_room_v1(
  tenant bigint, sender bigint, contact bigint, counting boolean) returns boolean
language plpgsql volatile as $$
declare
  portfolio portfolios%rowtype;
  used bigint;
begin
  select f.* into portfolio from senders s
  join portfolios f on f.tenant_id = s.tenant_id and f.portfolio_id = s.portfolio_id
  where s.tenant_id = tenant and s.sender_id = sender and f.unique_users_limit is not null;
  if not found then
    return true;
  end if;
  perform 1 from contact_senders l
  where l.tenant_id = tenant and l.contact_id = contact and l.sender_id = sender
    and l.last_inbound_at > now() - interval '24 hours';
  if found then
    return true;
  end if;
  if counting then
    perform 1 from portfolios f
    where f.tenant_id = tenant and f.portfolio_id = portfolio.portfolio_id
    for no key update;
  end if;
  perform 1 from portfolio_contacts c
  where c.tenant_id = tenant and c.portfolio_id = portfolio.portfolio_id
    and c.contact_id = contact and c.counted_at > now() - interval '24 hours';
  if found then
    return true;
  end if;
  -- Whole hours, so up to an hour on the safe side.
  select coalesce(sum(h.users), 0) into used from portfolio_hours h
  where h.tenant_id = tenant and h.portfolio_id = portfolio.portfolio_id
    and h.hour > now() - interval '25 hours';
  if used >= portfolio.unique_users_limit then
    return false;
  end if;
  if counting then
    insert into portfolio_contacts (tenant_id, portfolio_id, contact_id, counted_at)
    values (tenant, portfolio.portfolio_id, contact, now())
    on conflict (tenant_id, portfolio_id, contact_id) do update set counted_at = now();
    insert into portfolio_hours as h (tenant_id, portfolio_id, hour, users)
    values (tenant, portfolio.portfolio_id, date_trunc('hour', now()), 1)
    on conflict (tenant_id, portfolio_id, hour) do update set users = h.users + 1;
  end if;
  return true;
end
$$;
