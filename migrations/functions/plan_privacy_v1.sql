-- Plans what a person asked for, unless it is under way; answers the request, and the task if new.
create or replace function plan_privacy_v1(
  tenant bigint, person bigint, wanted_kind text, client bigint,
  out request bigint, out task bigint)
language plpgsql volatile as $$
begin
  insert into privacy_requests (tenant_id, kind, person_id, client_id)
  values (tenant, wanted_kind, person, client)
  on conflict (tenant_id, person_id, kind) where state in ('REQUESTED', 'RUNNING') do nothing
  returning request_id into request;
  if request is null then
    select r.request_id into request from privacy_requests r
    where r.tenant_id = tenant and r.person_id = person and r.kind = wanted_kind
      and r.state in ('REQUESTED', 'RUNNING');
    return;
  end if;
  insert into tasks (tenant_id, type, payload, due_at, woken_at)
  values (tenant, 'PERSON_' || wanted_kind, jsonb_build_object(
    'requestId', request::text, 'personId', person::text), now(), now())
  returning task_id into task;
end
$$;
