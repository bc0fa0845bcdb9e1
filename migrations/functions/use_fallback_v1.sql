-- The fallback template takes the content's place, once. Answers whether there was one. The caller
-- holds the message row's lock.
create or replace function use_fallback_v1(tenant bigint, message bigint) returns boolean
language plpgsql volatile as $$
begin
  update chat_messages m set fallback_used = true, content_type = 'template',
    content = m.fallback_content, row_token = m.fallback_row_token,
    template_name = m.fallback_template_name, template_language = m.fallback_template_language,
    report_ttl_seconds = coalesce(m.fallback_report_ttl_seconds, m.report_ttl_seconds),
    fallback_content = null, fallback_row_token = null, fallback_template_name = null,
    fallback_template_language = null, fallback_report_ttl_seconds = null
  where m.tenant_id = tenant and m.message_id = message and m.fallback_content is not null;
  if not found then
    return false;
  end if;
  update tasks t set payload = t.payload - 'mediaIds' - 'fallbackMediaIds'
    || jsonb_strip_nulls(jsonb_build_object('mediaIds', t.payload -> 'fallbackMediaIds'))
  where t.tenant_id = tenant and t.message_id = message and t.type = 'MESSAGE_SEND';
  return true;
end
$$;
