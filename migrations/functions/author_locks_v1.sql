-- The keys under which an erasure finds those whom items name: whoever stores an item takes them
-- before, so that it is stored before the mark of an erasure and found by it, or after it.
--
-- items: [{tenantId, authors?: [{kind, hash}]}] or null
create or replace function author_locks_v1(items jsonb) returns text[]
language sql immutable
return (
  select array_agg(concat_ws(':', i."tenantId", case a.kind when 'external-id' then 'person'
    when 'email' then 'EMAIL:email' else 'WHATSAPP:' || a.kind end, a.hash))
  from jsonb_to_recordset(items) as i ("tenantId" text, authors jsonb)
  cross join jsonb_to_recordset(i.authors) as a (kind text, hash text));
