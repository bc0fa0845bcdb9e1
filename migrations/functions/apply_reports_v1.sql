-- Applies delivery reports as a join over a set: stored once each, matched to their attempt by
-- provider message id or echoed attempt id, and shown. Answers how many were new.
--
-- reports: [{tenantId, channel, providerMessageId, status, occurredAt, attemptId?, pricing?,
--          reason?, code?, detail?, rowToken, recipientHash?, recipient?, suppress?}], the last three
--          as suppress_reported_v1 reads them
create or replace function apply_reports_v1(reports jsonb) returns integer
language plpgsql volatile as $$
declare
  fresh bigint[];
begin
  with stored as (
    insert into message_status
      (tenant_id, channel, provider_message_id, status, occurred_at, attempt_id, pricing, reason,
       reason_code, detail, row_token, recipient_hash, recipient, suppress)
    select distinct on (r."tenantId", r.channel, r."providerMessageId", r.status)
      r."tenantId", r.channel, r."providerMessageId", r.status, r."occurredAt", r."attemptId",
      r.pricing, r.reason, r.code, decode(r.detail, 'base64'), r."rowToken",
      decode(r."recipientHash", 'base64'), decode(r.recipient, 'base64'), r.suppress
    from jsonb_to_recordset(reports) as r (
      "tenantId" bigint, channel text, "providerMessageId" text, status text,
      "occurredAt" timestamptz, "attemptId" uuid, pricing jsonb, reason text, code integer, detail text,
      "rowToken" uuid, "recipientHash" text, recipient text, suppress text)
    order by r."tenantId", r.channel, r."providerMessageId", r.status, r."occurredAt"
    on conflict (tenant_id, channel, provider_message_id, status) do nothing
    returning status_id)
  select coalesce(array_agg(s.status_id), '{}') into fresh from stored s;

  perform 1 from chat_messages m
  where (m.tenant_id, m.message_id) in (
    select r.tenant_id, r.message_id from reported_attempts_v1(reports, fresh) r)
  order by m.tenant_id, m.message_id
  for no key update;
  select coalesce(array_agg(k.status_id), '{}') into fresh from (
    select distinct r."tenantId" from jsonb_to_recordset(reports) as r ("tenantId" bigint)) t
  cross join lateral unnest(blank_reports_v1(t."tenantId", fresh)) k (status_id);

  -- A report proves that the provider took the attempt, whatever we thought of it.
  update send_attempts a set outcome = 'ACCEPTED', provider_message_id = r.provider_message_id,
    resolved_at = coalesce(a.resolved_at, now()),
    reported_status = case when report_rank(r.status) > report_rank(coalesce(a.reported_status, ''))
      then r.status else a.reported_status end,
    reason = case when report_rank(r.status) > report_rank(coalesce(a.reported_status, ''))
      then r.reason else a.reason end,
    reason_code = case when report_rank(r.status) > report_rank(coalesce(a.reported_status, ''))
      then r.reason_code else a.reason_code end
  from (
    select distinct on (f.tenant_id, f.attempt_id) f.*
    from reported_attempts_v1(reports, fresh) f
    order by f.tenant_id, f.attempt_id, report_rank(f.status) desc) r
  where a.tenant_id = r.tenant_id and a.attempt_id = r.attempt_id;

  update message_status s set message_id = r.message_id
  from reported_attempts_v1(reports, fresh) r
  where s.tenant_id = r.tenant_id and s.status_id = r.status_id;

  perform take_refusals_v1(r."tenantId", fresh)
  from (select distinct w."tenantId"
    from jsonb_to_recordset(reports) as w ("tenantId" bigint, reason text)
    where w.reason = 'marketing-stopped') r;

  perform suppress_reported_v1(r."tenantId", fresh)
  from (select distinct w."tenantId"
    from jsonb_to_recordset(reports) as w ("tenantId" bigint, "recipientHash" text)
    where w."recipientHash" is not null order by w."tenantId") r;

  perform refresh_message_v1(r.tenant_id, r.message_id)
  from (select distinct f.tenant_id, f.message_id
    from reported_attempts_v1(reports, fresh) f) r;

  return cardinality(fresh);
end
$$;
