-- Keeps a template of the tenant's own: another source or category than the newest version has makes
-- the next version; the same again writes nothing.
--
-- input: tenantId, clientId, name, channel, language, source, variables: [name],
--        valueTypes: {name: type}, category?, provider: {name, language}?, shape?
-- outcome: kept | client-unknown | rate-limited; template: see shown_template_v1
create or replace function put_template_v1(input jsonb)
returns table (
  outcome text, template jsonb, is_new boolean, quota jsonb, retry_after_seconds double precision)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  request record;
  known templates%rowtype;
  newest templates%rowtype;
begin
  select * into request from begin_request_v1(input) r;
  if request.outcome <> 'go' then
    return query select request.outcome, null::jsonb, null::boolean, request.quota,
      request.retry_after_seconds;
    return;
  end if;
  -- Two first versions have no row to wait for each other at.
  perform pg_advisory_xact_lock(hashtextextended(concat_ws(':', 'template', tenant,
    input ->> 'name', input ->> 'channel', input ->> 'language'), 0));
  select * into known from templates t
  where t.tenant_id = tenant and t.name = input ->> 'name' and t.channel = input ->> 'channel'
    and t.language = input ->> 'language'
  order by t.version desc limit 1;
  newest := known;
  if known.source is distinct from input -> 'source'
    or known.category is distinct from input ->> 'category'
  then
    insert into templates
      (tenant_id, name, channel, language, version, source, variables, value_types, category,
       provider_name, provider_language, shape)
    values (tenant, input ->> 'name', input ->> 'channel', input ->> 'language',
      coalesce(known.version, 0) + 1, input -> 'source', input -> 'variables',
      coalesce(input -> 'valueTypes', '{}'), input ->> 'category', input #>> '{provider,name}', input #>> '{provider,language}',
      input -> 'shape')
    returning * into newest;
  end if;
  return query select 'kept', shown_template_v1(newest), newest.version is distinct from known.version,
    request.quota, 0::double precision;
end
$$;
