-- Changes each part that is given. One that is resumed begins with what happens from now on, and as
-- if it had never failed; what it missed can be replayed.
--
-- input: tenantId, clientId, subscriptionId, url? and urlRowToken (cell in base64), types?: [],
--        status?: ACTIVE | PAUSED
-- outcome: changed | subscription-not-found | client-unknown | rate-limited
create or replace function change_subscription_v1(input jsonb)
returns table (
  outcome text, quota jsonb, retry_after_seconds double precision, subscription jsonb)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  wanted constant text := input ->> 'status';
  request record;
  changed subscriptions%rowtype;
begin
  select * into request from begin_request_v1(input) r;
  if request.outcome <> 'go' then
    return query select request.outcome, request.quota, request.retry_after_seconds, null::jsonb;
    return;
  end if;
  update subscriptions s set
    url = coalesce(decode(input ->> 'url', 'base64'), s.url),
    url_row_token = case when input ->> 'url' is null then s.url_row_token
      else (input ->> 'urlRowToken')::uuid end,
    types = case when input -> 'types' is null then s.types
      else array(select jsonb_array_elements_text(input -> 'types')) end,
    status = coalesce(wanted, s.status),
    paused_reason = case coalesce(wanted, s.status)
      when 'PAUSED' then coalesce(s.paused_reason, 'client') end,
    from_xid = case when s.status = 'PAUSED' and wanted = 'ACTIVE'
      then pg_snapshot_xmin(pg_current_snapshot()) else s.from_xid end,
    failures = case wanted when 'ACTIVE' then 0 else s.failures end,
    failing_since = case when wanted is distinct from 'ACTIVE' then s.failing_since end,
    retry_at = case when wanted is distinct from 'ACTIVE' then s.retry_at end,
    updated_at = now()
  where s.tenant_id = (input ->> 'tenantId')::bigint
    and s.subscription_id = (input ->> 'subscriptionId')::bigint
  returning * into changed;
  if not found then
    return query select 'subscription-not-found', request.quota, 0::double precision, null::jsonb;
    return;
  end if;
  return query select 'changed', request.quota, 0::double precision, subscription_json_v1(changed);
end
$$;
