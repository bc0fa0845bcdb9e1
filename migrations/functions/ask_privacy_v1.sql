-- Takes a person's wish for a copy or for erasure, and plans its task. One that is under way is
-- answered again.
--
-- input: see begin_request_v1; personId, kind: EXPORT | ERASURE
-- outcome: accepted | replayed (both with the answer: see shown_privacy_request_v1) | key-mismatch
--        | client-unknown | rate-limited | person-not-found | person-merged | legal-hold; with the
--        task to wake
create or replace function ask_privacy_v1(input jsonb)
returns table (
  outcome text, answer jsonb, quota jsonb, retry_after_seconds double precision, type text,
  tenant_id text, task_id text, wake_in_seconds integer)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  wanted constant bigint := (input ->> 'personId')::bigint;
  request record;
  known persons%rowtype;
  asked bigint;
  task bigint;
begin
  select * into request from begin_request_v1(input) r;
  if request.outcome <> 'go' then
    return query select request.outcome, request.answer, request.quota,
      request.retry_after_seconds, null::text, null::text, null::text, null::integer;
    return;
  end if;
  select * into known from persons p where p.tenant_id = tenant and p.person_id = wanted
  for no key update;
  outcome := case
    when known.person_id is null or known.erased_at is not null then 'person-not-found'
    when known.merged_into_person_id is not null then 'person-merged'
    when input ->> 'kind' = 'ERASURE' and known.legal_hold_at is not null then 'legal-hold'
    else 'accepted' end;
  if outcome <> 'accepted' then
    perform end_request_v1(input, null);
    return query select outcome, null::jsonb, request.quota, 0::double precision, null::text,
      null::text, null::text, null::integer;
    return;
  end if;
  select a.request, a.task into asked, task
  from plan_privacy_v1(tenant, wanted, input ->> 'kind', (input ->> 'clientId')::bigint) a;
  select shown_privacy_request_v1(r) into answer from privacy_requests r
  where r.tenant_id = tenant and r.request_id = asked;
  perform end_request_v1(input, answer);
  return query select 'accepted', answer, request.quota, 0::double precision, t.type::text,
    t.tenant_id::text, t.task_id::text, 0
  from (values (1)) always (one)
  left join tasks t on t.tenant_id = tenant and t.task_id = task;
end
$$;
