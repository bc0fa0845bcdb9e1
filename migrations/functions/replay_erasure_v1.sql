-- Plans an erasure again that the ledger tells of, after a restore. The time of the person's making
-- must be the same: a database that went back in time gives ids a second time, to somebody else.
--
-- input: tenantId, requestId, personId, createdAt (µs of the epoch)
-- outcome: planned | ended (nothing to do, or it is that of whom they were merged into) | held (the
--          backup has a legal hold: an operator decides) | unknown (no such person; or another one of
--          that id)
create or replace function replay_erasure_v1(input jsonb) returns table (outcome text)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  known persons%rowtype;
begin
  select * into known from persons p
  where p.tenant_id = tenant and p.person_id = (input ->> 'personId')::bigint
    and (extract(epoch from p.created_at) * 1000000)::bigint = (input ->> 'createdAt')::bigint
  for no key update;
  outcome := case when known.person_id is null then 'unknown'
    when known.merged_into_person_id is not null then 'ended'
    when exists (
      select 1 from privacy_requests r
      where r.tenant_id = tenant and r.person_id = known.person_id and r.kind = 'ERASURE'
        and (r.state = 'DONE'
          or (r.state = 'REFUSED' and r.request_id = (input ->> 'requestId')::bigint)))
      then 'ended'
    when known.legal_hold_at is not null then 'held'
    else 'planned' end;
  if outcome = 'planned' then
    perform plan_privacy_v1(tenant, known.person_id, 'ERASURE', null);
  end if;
  return next;
end
$$;
