-- Makes these contacts the ones of a person that are in use: new ones are added, known ones stay, the
-- others are retired. One that a person who wrote first holds merges the two, the older survives.
--
-- input: tenantId, clientId, personId, contacts: see link_holders_v1
-- outcome: changed | client-unknown | rate-limited | person-not-found | person-merged | contact-taken
create or replace function put_contacts_v1(input jsonb)
returns table (
  outcome text, person jsonb, quota jsonb, retry_after_seconds double precision)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  wanted constant bigint := (input ->> 'personId')::bigint;
  request record;
  known persons%rowtype;
  linked bigint;
  is_taken boolean;
begin
  select * into request from begin_request_v1(input) r;
  if request.outcome <> 'go' then
    return query select request.outcome, null::jsonb, request.quota, request.retry_after_seconds;
    return;
  end if;
  perform lock_identities_v1((
    select array_agg(l.key) from (
      select concat_ws(':', tenant, 'person', encode(p.external_id_hash, 'base64')) as key
      from persons p
      where p.tenant_id = tenant and p.person_id = wanted and p.external_id_hash is not null
      union all
      select concat_ws(':', tenant, c.value ->> 'channel', c.value ->> 'kind', c.value ->> 'hash')
      from jsonb_array_elements(input -> 'contacts') c) l));
  select * into known from persons p where p.tenant_id = tenant and p.person_id = wanted
  for no key update;

  outcome := case when known.person_id is null or known.erased_at is not null then 'person-not-found'
    when known.merged_into_person_id is not null then 'person-merged' else 'changed' end;
  if outcome = 'changed' then
    select l.person, l.is_taken into linked, is_taken
    from link_holders_v1(tenant, wanted, known.external_id_hash, input -> 'contacts') l;
    if is_taken then
      outcome := 'contact-taken';
    else
      perform add_contacts_v1(tenant, linked, input -> 'contacts');
      perform retire_contacts_v1(tenant, linked, input -> 'contacts');
      perform show_channels_v1(tenant, linked);
    end if;
  end if;
  return query select outcome,
    case when outcome = 'changed' then (
      select v.person from person_view v
      where v.tenant_id = tenant and v.person_id = linked) end,
    request.quota, 0::double precision;
end
$$;
