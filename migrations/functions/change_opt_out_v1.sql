-- Books for or against being written to what a program says for a person, on all the contacts that the
-- person has on this channel, also on those that are not in use now.
--
-- input: tenantId, clientId, personId, channel, category: ALL | MARKETING, isOut
-- outcome: changed | client-unknown | rate-limited | person-not-found | person-merged
--        | contact-missing
create or replace function change_opt_out_v1(input jsonb)
returns table (
  outcome text, person jsonb, quota jsonb, retry_after_seconds double precision)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  wanted constant bigint := (input ->> 'personId')::bigint;
  lane constant text := input ->> 'channel';
  given_category constant text := input ->> 'category';
  request record;
  known persons%rowtype;
  contact bigint;
begin
  select * into request from begin_request_v1(input) r;
  if request.outcome <> 'go' then
    return query select request.outcome, null::jsonb, request.quota, request.retry_after_seconds;
    return;
  end if;
  -- A merge, which would take the contacts away, waits for this row.
  select * into known from persons p where p.tenant_id = tenant and p.person_id = wanted
  for no key update;
  outcome := case
    when known.person_id is null or known.erased_at is not null then 'person-not-found'
    when known.merged_into_person_id is not null then 'person-merged'
    when not exists (
      select 1 from contacts c
      where c.tenant_id = tenant and c.person_id = wanted and c.channel = lane)
      then 'contact-missing'
    else 'changed' end;
  if outcome = 'changed' then
    for contact in
      select c.contact_id from contacts c
      where c.tenant_id = tenant and c.person_id = wanted and c.channel = lane
      order by c.contact_id
    loop
      if (input ->> 'isOut')::boolean then
        perform record_opt_out_v1(tenant, contact, lane, given_category, 'client', now());
      else
        perform restore_opt_out_v1(tenant, contact, lane, given_category, now());
      end if;
    end loop;
  end if;
  return query select outcome,
    case when outcome = 'changed' then (
      select v.person from person_view v
      where v.tenant_id = tenant and v.person_id = wanted) end,
    request.quota, 0::double precision;
end
$$;
