-- Whether a contact wrote to this sender within Meta's 24 hours.
create or replace function window_open_v1(tenant bigint, contact bigint, sender bigint)
returns boolean
language sql stable
return exists (
  select 1 from contact_senders l
  where l.tenant_id = tenant and l.contact_id = contact and l.sender_id = sender
    and l.last_inbound_at > now() - interval '24 hours');
