-- The hashes of those whom an item names, as rows keep them.
--
-- authors: [{kind, hash}] or null
create or replace function author_hashes_v1(authors jsonb) returns bytea[]
language sql immutable
return (
  select coalesce(array_agg(distinct decode(a.hash, 'base64')), '{}')
  from jsonb_to_recordset(authors) as a (hash text));
