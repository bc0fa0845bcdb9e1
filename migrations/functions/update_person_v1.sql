-- Changes the name of a person or where they are, or gives one who wrote first the business system's id.
--
-- input: tenantId, clientId, personId, name?, nameToken, externalId?: {hash, value},
--        timeZone?, state?
-- outcome: changed | client-unknown | rate-limited | person-not-found | person-merged
--        | external-id-set (the person has another one) | external-id-taken (another person has it)
create or replace function update_person_v1(input jsonb)
returns table (
  outcome text, person jsonb, quota jsonb, retry_after_seconds double precision)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  wanted constant bigint := (input ->> 'personId')::bigint;
  external_hash constant bytea := decode(input #>> '{externalId,hash}', 'base64');
  request record;
  known persons%rowtype;
begin
  select * into request from begin_request_v1(input) r;
  if request.outcome <> 'go' then
    return query select request.outcome, null::jsonb, request.quota, request.retry_after_seconds;
    return;
  end if;
  -- As whoever opens a chat for this id.
  perform lock_identities_v1(array[
    concat_ws(':', tenant, 'person', input #>> '{externalId,hash}')])
  where external_hash is not null;
  select * into known from persons p where p.tenant_id = tenant and p.person_id = wanted
  for update;

  outcome := case
    when known.person_id is null or known.erased_at is not null then 'person-not-found'
    when known.merged_into_person_id is not null then 'person-merged'
    when known.external_id_hash <> external_hash then 'external-id-set'
    when exists (
      select 1 from persons p
      where p.tenant_id = tenant and p.external_id_hash = external_hash
        and p.person_id <> wanted) then 'external-id-taken'
    else 'changed' end;
  if outcome = 'changed' then
    update persons p set
      external_id_hash = coalesce(p.external_id_hash, external_hash),
      external_id = coalesce(p.external_id, decode(input #>> '{externalId,value}', 'base64')),
      name = coalesce(decode(input ->> 'name', 'base64'), p.name),
      time_zone = coalesce(input ->> 'timeZone', p.time_zone),
      state = coalesce(input ->> 'state', p.state),
      row_token = case when input ->> 'name' is null then p.row_token
        else (input ->> 'nameToken')::uuid end
    where p.tenant_id = tenant and p.person_id = wanted;
  end if;
  return query select outcome,
    case when outcome = 'changed' then (
      select v.person from person_view v
      where v.tenant_id = tenant and v.person_id = wanted) end,
    request.quota, 0::double precision;
end
$$;
