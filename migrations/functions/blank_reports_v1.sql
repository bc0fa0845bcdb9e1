-- Of these reports of a tenant, what is about a blank message keeps the digest of its id and nothing of
-- a person; a copy of what is known by that digest goes. Whoever calls it holds the locks of the
-- messages, or a blanking that is under way would not be seen. Answers those that stay.
create or replace function blank_reports_v1(tenant bigint, statuses bigint[]) returns bigint[]
language plpgsql volatile as $$
declare
  told record;
  gone bigint[] := '{}';
begin
  for told in
    select s.status_id, s.channel, s.status, d.digest from message_status s
    cross join lateral (
      select erased_id_v1(tenant, s.channel, s.provider_message_id) as digest) d
    where s.tenant_id = tenant and s.status_id = any (statuses) and d.digest is not null
      and (exists (
        select 1 from send_attempts a
        where a.tenant_id = tenant and a.channel = s.channel and a.provider_message_id = d.digest)
      or exists (
        select 1 from send_attempts a
        join chat_messages m on m.tenant_id = a.tenant_id and m.message_id = a.message_id
        where a.tenant_id = tenant and a.attempt_id = s.attempt_id and m.blanked_at is not null))
    order by s.status_id
  loop
    perform 1 from message_status o
    where o.tenant_id = tenant and o.channel = told.channel
      and o.provider_message_id = told.digest and o.status = told.status;
    if found then
      delete from message_status s where s.tenant_id = tenant and s.status_id = told.status_id;
      gone := gone || told.status_id;
      continue;
    end if;
    update message_status s set provider_message_id = told.digest, detail = null,
      recipient = null, recipient_hash = null, suppress = null
    where s.tenant_id = tenant and s.status_id = told.status_id;
  end loop;
  return coalesce((
    select array_agg(s.status_id) from message_status s
    where s.tenant_id = tenant and s.status_id = any (statuses)
      and not s.status_id = any (gone)), '{}');
end
$$;
