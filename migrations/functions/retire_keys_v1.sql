-- Removes the epochs before a tenant's newest, once nothing can need them: the caller has found no
-- cell of theirs in any place. Answers how many went, or why none may.
--
-- input: tenantId, knownAfterSeconds
-- outcome: retired | too-early: functions may still seal under the old one
--        | answers-kept: requests may be repeated whose answers hold old cells
create or replace function retire_keys_v1(input jsonb)
returns table (outcome text, keys integer)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  settled timestamptz;
  newest integer;
begin
  keys := 0;
  select k.epoch, k.seals_from
    + (input ->> 'knownAfterSeconds')::double precision * interval '1 second'
  into newest, settled
  from tenant_keys k where k.tenant_id = tenant order by k.epoch desc limit 1;
  if settled > now() then
    outcome := 'too-early';
  elsif exists (
    select 1 from idempotency_keys i
    where i.tenant_id = tenant and i.expires_at > now() and i.accepted_at < settled
      and i.answer is not null)
  then
    outcome := 'answers-kept';
  else
    delete from tenant_keys k where k.tenant_id = tenant and k.epoch < newest;
    get diagnostics keys = row_count;
    outcome := 'retired';
  end if;
  return next;
end
$$;
