-- What the provider charges for a message, by the newest report that tells it; null: none does yet.
create or replace function message_pricing_v1(tenant bigint, message bigint) returns jsonb
language sql stable
return (
  select r.pricing from message_status r
  where r.tenant_id = tenant and r.message_id = message and r.pricing is not null
  order by r.occurred_at desc, r.status_id desc limit 1);
