-- Takes everything of a person out of messages: contents, metadata, what providers told and their ids,
-- names of files. Ids, times, states and codes stay. The one place that does so. Answers how many were
-- not blank yet. The bytes of files are the caller's to delete.
create or replace function blank_messages_v1(tenant bigint, ids bigint[]) returns integer
language plpgsql volatile as $$
declare
  blanked bigint[];
begin
  select array_agg(l.message_id) into blanked from (
    select m.message_id from chat_messages m
    where m.tenant_id = tenant and m.message_id = any (ids) and m.blanked_at is null
    order by m.message_id
    for no key update) l;
  if blanked is null then
    return 0;
  end if;
  update chat_messages m set blanked_at = now(), content = null, metadata = null,
    fallback_content = null, fallback_row_token = null, metadata_row_token = null,
    mail_id = erased_id_v1(tenant, m.channel, m.mail_id),
    provider_message_id = erased_id_v1(tenant, m.channel, m.provider_message_id)
  where m.tenant_id = tenant and m.message_id = any (blanked);
  update send_attempts a set
    provider_message_id = erased_id_v1(tenant, a.channel, a.provider_message_id)
  where a.tenant_id = tenant and a.message_id = any (blanked) and a.provider_message_id is not null;
  update message_status s set detail = null, recipient = null, recipient_hash = null, suppress = null,
    provider_message_id = erased_id_v1(tenant, s.channel, s.provider_message_id)
  where s.tenant_id = tenant and s.message_id = any (blanked)
    and s.provider_message_id not like 'erased:%';
  update media f set filename = null, provider_media_id = null,
    reason = case when f.state = 'PENDING' then 'erased' else f.reason end,
    state = case when f.state = 'PENDING' then 'FAILED' else f.state end
  where f.tenant_id = tenant and f.message_id = any (blanked);
  delete from media_uploads u using media f
  where f.tenant_id = tenant and f.message_id = any (blanked)
    and u.tenant_id = f.tenant_id and u.media_id = f.media_id;
  update tasks t set state = 'CANCELLED', reason = 'erased', updated_at = now()
  where t.tenant_id = tenant and t.message_id = any (blanked) and t.type in ('MEDIA_FETCH', 'READ_RECEIPT')
    and t.state = 'PENDING';
  return cardinality(blanked);
end
$$;
