-- Takes out of these messages what people wrote; ids, states and times stay. Answers how many
-- messages there were.
create or replace function blank_messages_v1(tenant bigint, ids bigint[]) returns integer
language plpgsql volatile as $$
declare
  blanked integer;
begin
  perform 1 from chat_messages m
  where m.tenant_id = tenant and m.message_id = any (ids)
  order by m.message_id
  for no key update;
  update chat_messages m set content = null, metadata = null, fallback_content = null
  where m.tenant_id = tenant and m.message_id = any (ids);
  get diagnostics blanked = row_count;
  update message_status s set detail = null
  where s.tenant_id = tenant and s.message_id = any (ids) and s.detail is not null;
  return blanked;
end
$$;
