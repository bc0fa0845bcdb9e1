-- Keeps where a mail lies that belongs nowhere, why, and who wrote it; a copy changes nothing.
--
-- item: tenantId, reason, hash, raw, authors?: [{kind, hash}]
create or replace function park_mail_v1(item jsonb) returns void
language sql volatile as $$
  insert into parked_items (tenant_id, channel, reason, item_hash, raw, authors)
  values ((item ->> 'tenantId')::bigint, 'EMAIL', item ->> 'reason',
    decode(item ->> 'hash', 'base64'), convert_to(item ->> 'raw', 'UTF8'),
    author_hashes_v1(item -> 'authors'))
  on conflict (tenant_id, item_hash) do nothing
$$;
