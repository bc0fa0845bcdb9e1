-- Books a consent or its withdrawal. For the purposes `all` and `marketing` a withdrawal is a word
-- against being written to and a consent takes one back, on all contacts of the channel, in the same
-- transaction.
--
-- input: see begin_request_v1; personId, channel, purpose, action: GIVEN | REVOKED, textVersion?,
--        source, occurredAt?
-- outcome: added | replayed (both with the answer: see shown_consent_v1) | key-mismatch
--        | client-unknown | rate-limited | person-not-found | person-merged
create or replace function add_consent_v1(input jsonb)
returns table (
  outcome text, answer jsonb, quota jsonb, retry_after_seconds double precision)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  lane constant text := input ->> 'channel';
  happened_at constant timestamptz := coalesce((input ->> 'occurredAt')::timestamptz, now());
  request record;
  known persons%rowtype;
  contact bigint;
begin
  select * into request from begin_request_v1(input) r;
  if request.outcome <> 'go' then
    return query select request.outcome, request.answer, request.quota,
      request.retry_after_seconds;
    return;
  end if;
  select * into known from persons p
  where p.tenant_id = tenant and p.person_id = (input ->> 'personId')::bigint
  for no key update;
  outcome := case
    when known.person_id is null or known.erased_at is not null then 'person-not-found'
    when known.merged_into_person_id is not null then 'person-merged'
    else 'added' end;
  if outcome <> 'added' then
    perform end_request_v1(input, null);
    return query select outcome, null::jsonb, request.quota, 0::double precision;
    return;
  end if;

  insert into consents as c
    (tenant_id, person_id, channel, purpose, action, text_version, source, occurred_at)
  values (tenant, known.person_id, lane, input ->> 'purpose', input ->> 'action',
    input ->> 'textVersion', input ->> 'source', happened_at)
  returning shown_consent_v1(c) into answer;
  perform set_config('recado.consent', 'on', true);
  for contact in
    select c.contact_id from contacts c
    where c.tenant_id = tenant and c.person_id = known.person_id and c.channel = lane
      and input ->> 'purpose' in ('all', 'marketing')
    order by c.contact_id
  loop
    if input ->> 'action' = 'REVOKED' then
      perform record_opt_out_v1(
        tenant, contact, lane, upper(input ->> 'purpose'), 'consent', happened_at);
    else
      perform restore_opt_out_v1(tenant, contact, lane, upper(input ->> 'purpose'), happened_at);
    end if;
  end loop;
  perform set_config('recado.consent', '', true);
  perform end_request_v1(input, answer);
  return query select 'added', answer, request.quota, 0::double precision;
end
$$;
