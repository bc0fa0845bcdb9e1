-- Reports and the saving of a provider's id may cross: each looks before the other commits. The
-- relay calls this to bring together what missed.
create or replace function match_waiting_reports_v1(most integer) returns integer
language plpgsql volatile as $$
declare
  waiting record;
  matched integer := 0;
begin
  perform blank_reports_v1(w.tenant_id, w.statuses) from (
    select n.tenant_id, array_agg(n.status_id) as statuses from (
      select s.tenant_id, s.status_id from message_status s
      where s.message_id is null and s.created_at > now() - interval '1 hour'
      order by s.created_at desc limit most) n
    group by n.tenant_id order by n.tenant_id) w;
  for waiting in
    select a.tenant_id, a.attempt_id, a.message_id from message_status s
    join send_attempts a on a.tenant_id = s.tenant_id and a.channel = s.channel
      and a.provider_message_id = s.provider_message_id
    join chat_messages m on m.tenant_id = a.tenant_id and m.message_id = a.message_id
    -- A crossing lasts as long as two calls; older ones are reports of sends that are not ours.
    where s.message_id is null and s.created_at > now() - interval '1 hour'
    order by m.tenant_id, m.message_id
    limit most
    for no key update of m skip locked
  loop
    perform match_reports_v1(waiting.tenant_id, waiting.attempt_id);
    perform refresh_message_v1(waiting.tenant_id, waiting.message_id);
    matched := matched + 1;
  end loop;
  return matched;
end
$$;
