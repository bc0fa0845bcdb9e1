-- Keeps what could not be read, routed or stored, and whose it is as far as it names somebody; copies
-- once. Answers how many were new. The caller holds the locks of author_locks_v1.
--
-- parked: [{tenantId, channel, reason, hash, raw, authors?: [{kind, hash}]}]
create or replace function store_parked_v1(parked jsonb) returns integer
language sql volatile as $$
  with stored as (
    insert into parked_items (tenant_id, channel, reason, item_hash, raw, authors)
    select distinct on (p."tenantId", p.hash) p."tenantId", p.channel, p.reason,
      decode(p.hash, 'base64'), convert_to(p.raw, 'UTF8'), author_hashes_v1(p.authors)
    from jsonb_to_recordset(parked)
      as p ("tenantId" bigint, channel text, reason text, hash text, raw text, authors jsonb)
    order by p."tenantId", p.hash
    on conflict (tenant_id, item_hash) do nothing
    returning 1)
  select count(*)::integer from stored
$$;
