-- Of suppressed addresses of persons who are being erased the keyed hash alone stays, so that nothing
-- goes there again; a living opt-out of marketing becomes such a row. What is over goes, and reports
-- that still wait for their message go with it.
create or replace function erase_suppressions_v1(tenant bigint, same bigint[]) returns integer
language plpgsql volatile as $$
declare
  touched integer;
  answered text[];
begin
  insert into suppressions (tenant_id, channel, value_hash, value, row_token, reason, source)
  select distinct on (i.channel, i.value_hash) tenant, i.channel, i.value_hash, null::bytea,
    i.row_token, 'unsubscribed', 'person'
  from contacts c
  join contact_identities i on i.tenant_id = c.tenant_id and i.contact_id = c.contact_id
    and i.superseded_at is null
  join opt_outs o on o.tenant_id = c.tenant_id and o.contact_id = c.contact_id
    and o.restored_at is null and o.opted_out_at > '-infinity'
  where c.tenant_id = tenant and c.person_id = any (same)
  order by i.channel, i.value_hash
  on conflict (tenant_id, channel, value_hash) where removed_at is null do nothing;

  with hashes as (
    select i.channel, i.value_hash from contacts c
    join contact_identities i on i.tenant_id = c.tenant_id and i.contact_id = c.contact_id
    where c.tenant_id = tenant and c.person_id = any (same)
  ), over as (
    delete from suppressions s using hashes h
    where s.tenant_id = tenant and s.channel = h.channel and s.value_hash = h.value_hash
      and (s.removed_at is not null or s.expires_at <= now())
    returning s.suppression_id::text as id
  ), kept as (
    update suppressions s set value = null from hashes h
    where s.tenant_id = tenant and s.channel = h.channel and s.value_hash = h.value_hash
      and s.removed_at is null and (s.expires_at is null or s.expires_at > now())
    returning s.suppression_id::text as id
  ), waiting as (
    delete from message_status s using hashes h
    where s.tenant_id = tenant and s.channel = h.channel and s.recipient_hash = h.value_hash
      and s.message_id is null
  )
  select array_agg(u.id), count(*) into answered, touched
  from (select id from over union all select id from kept) u;
  delete from idempotency_keys k
  where k.tenant_id = tenant and k.answer ->> 'suppressionId' = any (answered);
  return touched;
end
$$;
