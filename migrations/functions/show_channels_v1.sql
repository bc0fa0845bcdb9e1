-- Makes the ACTIVE chat of a person show the channels of the contacts that are in use.
create or replace function show_channels_v1(tenant bigint, person bigint) returns void
language sql volatile as $$
  update chats c set channels = w.channels, updated_at = now()
  from (
    select coalesce(array_agg(distinct o.channel order by o.channel), '{}') as channels
    from contacts o
    where o.tenant_id = tenant and o.person_id = person and o.retired_at is null) w
  where c.tenant_id = tenant and c.person_id = person and c.status = 'ACTIVE'
    and c.channels is distinct from w.channels
$$;
