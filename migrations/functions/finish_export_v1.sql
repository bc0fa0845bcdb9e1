-- Ends an export whose objects lie in the bucket, for 7 days. Answers false when its person was erased
-- meanwhile: the objects must go. It has ended only once that is said, so that whoever died between
-- begins again.
--
-- input: tenantId, requestId, keepDays, counts; or objectsGone
create or replace function finish_export_v1(input jsonb) returns table (is_kept boolean)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  request privacy_requests%rowtype;
begin
  select * into request from privacy_requests r
  where r.tenant_id = tenant and r.request_id = (input ->> 'requestId')::bigint
  for no key update;
  select p.erased_at is null into is_kept from persons p
  where p.tenant_id = tenant and p.person_id = request.person_id
  for no key update;
  if not is_kept and input ->> 'objectsGone' is null then
    return next;
    return;
  end if;
  update privacy_requests r set done_at = now(),
    state = case when is_kept then 'DONE' else 'REFUSED' end,
    reason = case when not is_kept then 'erased' end,
    object_key = case when is_kept then r.object_key end,
    expires_at = now() + (input ->> 'keepDays')::double precision * interval '1 day',
    receipt = case when is_kept then jsonb_build_object('counts', input -> 'counts')
      else r.receipt end
  where r.tenant_id = tenant and r.request_id = request.request_id
    and r.state in ('REQUESTED', 'RUNNING');
  return next;
end
$$;
