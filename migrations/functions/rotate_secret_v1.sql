-- Gives a subscription a new secret; the old one goes on signing beside it for a while. A repeated
-- request gets the same secret and rotates nothing.
--
-- input: see begin_request_v1; subscriptionId, secret, secretRowToken (cell in base64), overlapSeconds
-- outcome: rotated | subscription-not-found | key-mismatch | client-unknown | rate-limited
create or replace function rotate_secret_v1(input jsonb)
returns table (
  outcome text, quota jsonb, retry_after_seconds double precision, subscription jsonb)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  request record;
  rotated subscriptions%rowtype;
  shown jsonb;
begin
  select * into request from begin_request_v1(input) r;
  if request.outcome <> 'go' then
    return query select
      case request.outcome when 'replayed' then 'rotated' else request.outcome end,
      request.quota, request.retry_after_seconds, request.answer;
    return;
  end if;
  update subscriptions s set
    previous_secret = s.secret, previous_secret_row_token = s.secret_row_token,
    previous_secret_until = now()
      + (input ->> 'overlapSeconds')::double precision * interval '1 second',
    secret = decode(input ->> 'secret', 'base64'),
    secret_row_token = (input ->> 'secretRowToken')::uuid, updated_at = now()
  where s.tenant_id = (input ->> 'tenantId')::bigint
    and s.subscription_id = (input ->> 'subscriptionId')::bigint
  returning * into rotated;
  if not found then
    perform end_request_v1(input, null);
    return query select 'subscription-not-found', request.quota, 0::double precision, null::jsonb;
    return;
  end if;
  shown := subscription_json_v1(rotated) || jsonb_build_object(
    'secret', input ->> 'secret', 'secretRowToken', input ->> 'secretRowToken');
  perform end_request_v1(input, shown);
  return query select 'rotated', request.quota, 0::double precision, shown;
end
$$;
