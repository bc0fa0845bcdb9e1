-- The one call for what a mail provider tells: up to 1,000 notices, each stored once, in any order and
-- any number of copies. Statuses move messages as reports do; complaints, opens, clicks and delays are
-- rows beside them, at the earliest time that was told. Locks are taken in one order (those whom parked
-- notices are about, tenants, messages, addresses, tenants' rows).
--
-- input: notices: see apply_reports_v1; parked: see store_parked_v1
-- rows: first the counts; then the tenants whose marketing mails were paused (paused_tenant_id).
create or replace function apply_mail_notices_v1(input jsonb)
returns table (
  notices_stored integer, addresses_suppressed integer, parked_stored integer,
  paused_tenant_id text)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  told record;
  stored integer;
begin
  perform lock_identities_v1(author_locks_v1(input -> 'parked'));
  for told in
    select n."tenantId" as tenant_id, bool_or(n.status = 'FAILED') as is_soft
    from jsonb_to_recordset(input -> 'notices') as n ("tenantId" bigint, status text)
    group by n."tenantId" order by n."tenantId"
  loop
    -- A run of soft bounces is judged by all that was told: by one batch at a time.
    if told.is_soft then
      perform pg_advisory_xact_lock(hashtextextended('soft-run:' || told.tenant_id, 0));
    else
      perform pg_advisory_xact_lock_shared(hashtextextended('soft-run:' || told.tenant_id, 0));
    end if;
  end loop;

  stored := apply_reports_v1(input -> 'notices');

  with earlier as (
    select s.tenant_id, s.status_id, n.occurred_at from (
      select r."tenantId", r.channel, r."providerMessageId", r.status,
        min(r."occurredAt") as occurred_at
      from jsonb_to_recordset(input -> 'notices') as r (
        "tenantId" bigint, channel text, "providerMessageId" text, status text,
        "occurredAt" timestamptz)
      group by r."tenantId", r.channel, r."providerMessageId", r.status) n
    join message_status s on s.tenant_id = n."tenantId" and s.channel = n.channel
      and s.provider_message_id = n."providerMessageId" and s.status = n.status
      and s.occurred_at > n.occurred_at
    order by s.tenant_id, s.status_id
    for no key update of s)
  update message_status s set occurred_at = e.occurred_at from earlier e
  where s.tenant_id = e.tenant_id and s.status_id = e.status_id;

  return query
  select stored, (
      select count(*)::integer from (
        select distinct n."tenantId", n.channel, decode(n."recipientHash", 'base64') as hash
        from jsonb_to_recordset(input -> 'notices')
          as n ("tenantId" bigint, channel text, "recipientHash" text)) w
      join suppressions s on s.tenant_id = w."tenantId" and s.channel = w.channel
        and s.value_hash = w.hash and s.removed_at is null and s.created_at = now()),
    store_parked_v1(input -> 'parked'), null::text;

  for told in
    select distinct n."tenantId" as tenant_id
    from jsonb_to_recordset(input -> 'notices') as n ("tenantId" bigint, suppress text)
    where n.suppress = 'hard-bounce' order by n."tenantId"
  loop
    if judge_bounce_rate_v1(told.tenant_id) then
      return query select null::integer, null::integer, null::integer, told.tenant_id::text;
    end if;
  end loop;
end
$$;
