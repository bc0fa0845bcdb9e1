-- When a message is to be sent: a moment with its zone, or what the clocks show where the chat's person
-- lives, else where the company is. What clocks skip in spring is as much later; of what they show
-- twice in autumn it is the second time. Null of null.
create or replace function send_time_v1(tenant bigint, wanted_chat bigint, told text)
returns timestamptz
language sql stable as $$
  select case
    when told ~ '(?:Z|[+-]\d\d:\d\d)$' then told::timestamptz
    else told::timestamp at time zone coalesce(p.time_zone, t.time_zone) end
  from tenants t
  left join chats c on c.tenant_id = tenant and c.chat_id = wanted_chat
  left join persons p on p.tenant_id = tenant and p.person_id = c.person_id
  where t.tenant_id = tenant
$$;
