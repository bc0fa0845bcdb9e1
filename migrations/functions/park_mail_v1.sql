-- Keeps where a mail lies that belongs nowhere, and why; a copy changes nothing.
--
-- item: tenantId, reason, hash, raw
create or replace function park_mail_v1(item jsonb) returns void
language sql volatile as $$
  insert into parked_items (tenant_id, channel, reason, item_hash, raw)
  values ((item ->> 'tenantId')::bigint, 'EMAIL', item ->> 'reason',
    decode(item ->> 'hash', 'base64'), convert_to(item ->> 'raw', 'UTF8'))
  on conflict (tenant_id, item_hash) do nothing
$$;
