-- What holds a mail of this chat to the ones before it: the token of its Reply-To, and the ids of the
-- last mails of the thread, newest last, as they stood on the wire (inbound) or as the provider named
-- them (outbound: its id alone). Blank ones are left out.
create or replace function mail_thread_v1(tenant bigint, chat bigint) returns jsonb
language sql stable
return (
  select jsonb_build_object('token', c.mail_token, 'ids', coalesce((
    select jsonb_agg(l.id order by l.sequence) from (
      select m.sequence, case m.direction
        when 'INBOUND' then jsonb_build_object('header', m.mail_id)
        else jsonb_build_object('provider', (
          select a.provider_message_id from send_attempts a
          where a.tenant_id = m.tenant_id and a.message_id = m.message_id
            and a.outcome = 'ACCEPTED' and a.provider_message_id is not null
          order by a.number desc limit 1)) end as id
      from chat_messages m
      where m.tenant_id = tenant and m.chat_id = chat and m.channel = 'EMAIL'
        and m.blanked_at is null and (m.mail_id is not null
          or m.status in ('SENT', 'DELIVERED', 'READ', 'EXPIRED'))
      order by m.sequence desc limit 10) l), '[]'))
  from chats c where c.tenant_id = tenant and c.chat_id = chat);
