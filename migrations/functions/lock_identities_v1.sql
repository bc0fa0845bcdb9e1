-- Serialises whoever finds or opens the contact of the same identity, so that an album of first
-- messages makes one person. Sorted, so that two batches cannot wait for each other.
create or replace function lock_identities_v1(keys text[]) returns void
language plpgsql volatile as $$
begin
  perform pg_advisory_xact_lock(k.lock_key) from (
    select distinct hashtextextended(u.key, 0) as lock_key from unnest(keys) as u (key)
    order by 1) k;
end
$$;
