-- A subscription as the adapters read it, its address sealed, in base64; its secrets stay where they are.
create or replace function subscription_json_v1(subscription subscriptions) returns jsonb
language sql stable as $$
  select jsonb_build_object(
    'subscriptionId', subscription.subscription_id::text,
    'url', encode(subscription.url, 'base64'),
    'urlRowToken', subscription.url_row_token,
    'types', to_jsonb(subscription.types),
    'status', subscription.status,
    'pausedReason', subscription.paused_reason,
    'failingSince', iso_utc(subscription.failing_since),
    'lastSuccessAt', iso_utc(subscription.last_success_at),
    'previousSecretUntil', iso_utc(case
      when subscription.previous_secret_until > now() then subscription.previous_secret_until end),
    'createdAt', iso_utc(subscription.created_at),
    'updatedAt', iso_utc(subscription.updated_at))
$$;
