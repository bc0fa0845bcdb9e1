-- After a failure that another way may avoid, each tried once: the fallback template when the
-- provider says that the window is closed, the number's other spelling when it is not reachable.
-- Answers whether the send is due again; it has a new fence, so that a settlement of the failed
-- attempt that is repeated cannot end it. The caller holds the message row's lock.
create or replace function try_another_way_v1(tenant bigint, message bigint, why text)
returns boolean
language plpgsql volatile as $$
begin
  perform 1 from chat_messages m
  where m.tenant_id = tenant and m.message_id = message and m.expires_at > now()
    and m.status in ('QUEUED', 'SENDING', 'SENT', 'UNKNOWN');
  if not found then
    return false;
  end if;
  if why = 'recipient-unreachable' then
    update tasks t set payload = t.payload || '{"variant": true}'
    from chat_messages m, recipient_v1(tenant, m.contact_id) r
    where m.tenant_id = tenant and m.message_id = message and r.has_variant
      and t.tenant_id = tenant and t.message_id = message and t.type = 'MESSAGE_SEND'
      and not t.payload ? 'variant';
    if not found then
      return false;
    end if;
  elsif why is distinct from 'service-window-closed' or not use_fallback_v1(tenant, message) then
    return false;
  end if;
  update tasks t set state = 'PENDING', fence = t.fence + 1, due_at = now(), woken_at = null,
    slot_at = null, reason = why, updated_at = now()
  where t.tenant_id = tenant and t.message_id = message and t.type = 'MESSAGE_SEND';
  update chat_messages m set status = 'QUEUED', reason = why, reason_code = null, status_at = now()
  where m.tenant_id = tenant and m.message_id = message;
  perform await_delivery_v1(tenant, message);
  return true;
end
$$;
