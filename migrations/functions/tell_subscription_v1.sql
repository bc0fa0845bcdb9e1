-- Tells that a subscription is not served any more, whoever paused it.
create or replace function tell_subscription_v1() returns trigger
language plpgsql volatile as $$
begin
  insert into events (tenant_id, type, detail)
  values (new.tenant_id, 'subscription.paused', jsonb_build_object(
    'subscriptionId', new.subscription_id::text,
    'reason', new.paused_reason));
  return null;
end
$$;

create or replace trigger tell_paused_subscription after update on subscriptions
for each row when (old.status <> new.status and new.status = 'PAUSED')
execute function tell_subscription_v1();
