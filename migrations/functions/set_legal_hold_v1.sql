-- Sets or lifts a legal hold: while it stands nothing of the person is erased. What the person withdrew
-- meanwhile goes when it ends.
--
-- input: tenantId, clientId, personId, reason? (a code; absent lifts it)
-- outcome: changed (with heldAt, reason) | client-unknown | rate-limited | person-not-found
--        | person-merged
create or replace function set_legal_hold_v1(input jsonb)
returns table (
  outcome text, held jsonb, quota jsonb, retry_after_seconds double precision)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  request record;
  known persons%rowtype;
begin
  select * into request from begin_request_v1(input) r;
  if request.outcome <> 'go' then
    return query select request.outcome, null::jsonb, request.quota, request.retry_after_seconds;
    return;
  end if;
  select * into known from persons p
  where p.tenant_id = tenant and p.person_id = (input ->> 'personId')::bigint
  for no key update;
  outcome := case
    when known.person_id is null or known.erased_at is not null then 'person-not-found'
    when known.merged_into_person_id is not null then 'person-merged'
    else 'changed' end;
  if outcome = 'changed' then
    update persons p set legal_hold_reason = input ->> 'reason',
      legal_hold_at = case when input ->> 'reason' is not null
        then coalesce(p.legal_hold_at, now()) end
    where p.tenant_id = tenant and p.person_id = known.person_id
    returning * into known;
    if known.legal_hold_at is null then
      with withdrawn as (
        update chat_messages m set content = null, metadata = null from chats c
        where c.tenant_id = tenant and c.person_id = known.person_id
          and m.tenant_id = c.tenant_id and m.chat_id = c.chat_id and m.revoked_at is not null
          and (m.content is not null or m.metadata is not null)
        returning m.message_id)
      update media f set filename = null, provider_media_id = null from withdrawn w
      where f.tenant_id = tenant and f.message_id = w.message_id;
    end if;
    held := jsonb_build_object('personId', known.person_id::text,
      'heldAt', iso_utc(known.legal_hold_at), 'reason', known.legal_hold_reason);
  end if;
  return query select outcome, held, request.quota, 0::double precision;
end
$$;
