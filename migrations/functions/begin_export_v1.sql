-- Begins an export, and names where it goes before anything lies there: an erasure that comes meanwhile
-- must find it. May be repeated.
--
-- input: tenantId, requestId
-- outcome: begun (with personId and objectKey) | erased (the person is; delete what lies there, and
--        say so to finish_export_v1) | nothing (there is no such export, or it has ended)
create or replace function begin_export_v1(input jsonb)
returns table (outcome text, person_id text, object_key text)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  request privacy_requests%rowtype;
  is_erased boolean;
  where_to text;
begin
  select * into request from privacy_requests r
  where r.tenant_id = tenant and r.request_id = (input ->> 'requestId')::bigint
    and r.kind = 'EXPORT' and r.state in ('REQUESTED', 'RUNNING')
  for no key update;
  if not found then
    return query select 'nothing', null::text, null::text;
    return;
  end if;
  select p.erased_at is not null into is_erased from persons p
  where p.tenant_id = tenant and p.person_id = request.person_id
  for no key update;
  where_to := concat_ws('/', 'exports', tenant, request.request_id);
  update privacy_requests r set state = 'RUNNING',
    object_key = case when not is_erased then where_to end
  where r.tenant_id = tenant and r.request_id = request.request_id;
  return query select case when is_erased then 'erased' else 'begun' end,
    request.person_id::text, where_to;
end
$$;
