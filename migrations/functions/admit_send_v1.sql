-- Whether a send may go now by its tenant's pause of marketing mails, its portfolio's limit, its
-- pair's pace and its sender's breaker and throughput. Answers null to go; else when to come back and why, with its slot reserved. The
-- breaker's probe is taken last: what another rule holds back must not spend it.
--
-- pacing: slotToleranceSeconds, pairIntervalSeconds, pairBurst, probeSeconds, probeRetrySeconds
create or replace function admit_send_v1(
  tenant bigint, task bigint, pacing jsonb, out come_back_at timestamptz, out why text)
language plpgsql volatile as $$
declare
  send record;
  closed_until timestamptz;
begin
  select t.slot_at, m.sender_id, m.contact_id, m.expires_at, m.category into send
  from tasks t
  join chat_messages m on m.tenant_id = t.tenant_id and m.message_id = t.message_id
  where t.tenant_id = tenant and t.task_id = task;

  if mail_paused_v1(tenant, send.category) then
    -- Longer than a queue can delay: what many wait for costs no message each.
    come_back_at := now() + interval '30 minutes';
    why := 'mail-paused';
    return;
  end if;
  if not portfolio_room_v1(tenant, send.sender_id, send.contact_id, true) then
    come_back_at := date_trunc('hour', now()) + interval '1 hour';
    why := 'unique-users-limit';
    return;
  end if;
  come_back_at := pair_opens_at_v1(tenant, send.sender_id, send.contact_id, pacing);
  if come_back_at > now() then
    why := 'pair-pace';
    return;
  end if;
  come_back_at := null;
  closed_until := breaker_closed_until_v1(tenant, send.sender_id, pacing);
  if closed_until is not null then
    come_back_at := reserve_slot_v1(tenant, send.sender_id, closed_until);
    why := 'breaker-open';
    return;
  end if;
  if send.slot_at is null then
    come_back_at := reserve_slot_v1(tenant, send.sender_id, now());
    if come_back_at > now()
      + (pacing ->> 'slotToleranceSeconds')::double precision * interval '1 second'
    then
      why := 'throughput';
      return;
    end if;
    come_back_at := null;
  end if;
  perform take_probe_v1(tenant, send.sender_id, pacing);
end
$$;
