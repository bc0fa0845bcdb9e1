-- What a settled attempt says of its sender. `ok` closes the breaker, `failing` counts towards
-- opening it, `broken` (ours to fix) opens it at once, `slow` empties the throughput's bucket,
-- `pair` silences this recipient, 4^n s with the nth refusal in a row of whatever message. Answers
-- true when the breaker opened now.
--
-- breaker: failuresToOpen, openSeconds, openCapSeconds, brokenSeconds, pairCapSeconds
create or replace function book_health_v1(
  tenant bigint, message bigint, health text, settlement jsonb, breaker jsonb) returns boolean
language plpgsql volatile as $$
declare
  send chat_messages%rowtype;
  pace sender_paces%rowtype;
  wait constant interval :=
    coalesce((settlement ->> 'retryInSeconds')::double precision, 0) * interval '1 second';
  opens boolean;
begin
  select * into send from chat_messages m where m.tenant_id = tenant and m.message_id = message;
  if health in ('ok', 'pair') then
    update sender_paces p set breaker = 'CLOSED', failures = 0, openings = 0, open_until = null,
      reason = null, reason_code = null, updated_at = now()
    where p.tenant_id = tenant and p.sender_id = send.sender_id
      and (p.breaker <> 'CLOSED' or p.failures > 0);
    update pair_paces p set strikes = case when health = 'pair' then p.strikes + 1 else 0 end,
      silent_until = case when health = 'pair' then now() + greatest(wait, interval '1 second'
        * least((book_health_v1.breaker ->> 'pairCapSeconds')::double precision,
          4 ^ least(p.strikes + 1, 6))) end
    where p.tenant_id = tenant and p.sender_id = send.sender_id
      and p.contact_id = send.contact_id and (health = 'pair' or p.strikes > 0);
    return false;
  end if;
  if health = 'slow' then
    update sender_paces p set next_slot_at = greatest(p.next_slot_at, now() + wait),
      breaker = 'CLOSED', failures = 0, openings = 0, open_until = null, updated_at = now()
    where p.tenant_id = tenant and p.sender_id = send.sender_id;
    return false;
  end if;

  insert into sender_paces (tenant_id, sender_id) values (tenant, send.sender_id)
  on conflict do nothing;
  select * into pace from sender_paces p
  where p.tenant_id = tenant and p.sender_id = send.sender_id
  for no key update;
  opens := health = 'broken' or pace.breaker = 'HALF_OPEN'
    or pace.failures + 1 >= (book_health_v1.breaker ->> 'failuresToOpen')::integer;
  update sender_paces p set failures = p.failures + 1,
    breaker = case when opens then 'OPEN' else p.breaker end,
    openings = p.openings + case when opens and p.breaker <> 'OPEN' then 1 else 0 end,
    -- The end of a probe's time is no wait of the breaker's own.
    open_until = case when not opens then p.open_until
      else greatest(
        case when p.breaker = 'OPEN' then p.open_until end,
        now() + interval '1 second' * case when health = 'broken'
          then (book_health_v1.breaker ->> 'brokenSeconds')::double precision
          else least(
            (book_health_v1.breaker ->> 'openCapSeconds')::double precision,
            (book_health_v1.breaker ->> 'openSeconds')::double precision
              * 2 ^ least(p.openings, 20)) end) end,
    reason = settlement ->> 'reason', reason_code = (settlement ->> 'code')::integer,
    updated_at = now()
  where p.tenant_id = tenant and p.sender_id = send.sender_id;
  return opens and pace.breaker = 'CLOSED';
end
$$;
