-- Makes a subscription, unless the tenant has as many as it may.
--
-- input: tenantId, url, urlRowToken, secret, secretRowToken (cells in base64), types: [], most
-- outcome: created | subscriptions-limit
create or replace function create_subscription_v1(input jsonb)
returns table (outcome text, subscription_id text)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
begin
  -- Of two that come at once one counts the other.
  perform pg_advisory_xact_lock(hashtextextended(concat_ws(':', tenant, 'subscriptions'), 0));
  if (select count(*) from subscriptions s where s.tenant_id = tenant)
    >= (input ->> 'most')::integer
  then
    return query select 'subscriptions-limit', null::text;
    return;
  end if;
  return query
  insert into subscriptions
    (tenant_id, url, url_row_token, types, secret, secret_row_token)
  values (tenant, decode(input ->> 'url', 'base64'), (input ->> 'urlRowToken')::uuid,
    array(select jsonb_array_elements_text(input -> 'types')),
    decode(input ->> 'secret', 'base64'), (input ->> 'secretRowToken')::uuid)
  returning 'created', subscription_id::text;
end
$$;
