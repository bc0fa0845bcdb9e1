-- What reports that have found their message say against addresses: a hard bounce or a complaint
-- suppresses at once, soft bounces in a row do, and a delivery lifts what a run had suppressed.
-- Addresses are taken in the order of their hashes.
create or replace function suppress_reported_v1(tenant bigint, statuses bigint[]) returns void
language plpgsql volatile as $$
declare
  told record;
begin
  for told in
    select s.channel, s.recipient_hash, coalesce(s.suppress, 'soft-bounces') as reason,
      jsonb_build_object('hash', encode(s.recipient_hash, 'base64'),
        'value', encode(s.recipient, 'base64'), 'rowToken', s.row_token,
        'reason', coalesce(s.suppress, 'soft-bounces'), 'source', 'provider') as given
    from message_status s
    where s.tenant_id = tenant and s.status_id = any (statuses) and s.message_id is not null
      and s.recipient is not null and (s.suppress is not null or s.status = 'FAILED')
    order by s.channel, s.recipient_hash, s.status_id
  loop
    if told.reason <> 'soft-bounces' or soft_run_v1(tenant, told.channel, told.recipient_hash) then
      perform suppress_address_v1(tenant, told.channel, told.given);
    end if;
  end loop;

  for told in
    select distinct x.suppression_id, x.channel, x.value_hash from message_status s
    join suppressions x on x.tenant_id = s.tenant_id and x.channel = s.channel
      and x.value_hash = s.recipient_hash and x.removed_at is null
      and x.reason = 'soft-bounces' and x.source = 'provider'
    where s.tenant_id = tenant and s.status_id = any (statuses) and s.message_id is not null
      and s.status = 'DELIVERED'
    order by x.channel, x.value_hash
  loop
    if not soft_run_v1(tenant, told.channel, told.value_hash) then
      update suppressions x set removed_at = now(), removed_by = 'provider'
      where x.tenant_id = tenant and x.suppression_id = told.suppression_id
        and x.removed_at is null;
    end if;
  end loop;
end
$$;
