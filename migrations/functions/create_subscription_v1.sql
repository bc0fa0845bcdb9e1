-- Makes a subscription, unless the tenant has as many as it may. Its secret is in the answer, as the
-- cell that it is, also in the one that a repeated request gets.
--
-- input: see begin_request_v1; url, urlRowToken, secret, secretRowToken (cells in base64), types: [],
--        most
-- outcome: created | subscriptions-limit | key-mismatch | client-unknown | rate-limited
create or replace function create_subscription_v1(input jsonb)
returns table (
  outcome text, quota jsonb, retry_after_seconds double precision, subscription jsonb)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  request record;
  made subscriptions%rowtype;
  shown jsonb;
begin
  select * into request from begin_request_v1(input) r;
  if request.outcome <> 'go' then
    return query select
      case request.outcome when 'replayed' then 'created' else request.outcome end,
      request.quota, request.retry_after_seconds, request.answer;
    return;
  end if;
  -- Of two that come at once one counts the other.
  perform pg_advisory_xact_lock(hashtextextended(concat_ws(':', tenant, 'subscriptions'), 0));
  if (select count(*) from subscriptions s where s.tenant_id = tenant)
    >= (input ->> 'most')::integer
  then
    perform end_request_v1(input, null);
    return query select 'subscriptions-limit', request.quota, 0::double precision, null::jsonb;
    return;
  end if;
  insert into subscriptions
    (tenant_id, url, url_row_token, types, secret, secret_row_token)
  values (tenant, decode(input ->> 'url', 'base64'), (input ->> 'urlRowToken')::uuid,
    array(select jsonb_array_elements_text(input -> 'types')),
    decode(input ->> 'secret', 'base64'), (input ->> 'secretRowToken')::uuid)
  returning * into made;
  shown := subscription_json_v1(made) || jsonb_build_object(
    'secret', input ->> 'secret', 'secretRowToken', input ->> 'secretRowToken');
  perform end_request_v1(input, shown);
  return query select 'created', request.quota, 0::double precision, shown;
end
$$;
