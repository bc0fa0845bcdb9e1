-- What the rules say of a send whose turn it is: null to go, for its fallback too, which may take
-- the content's place here; else the reason with which it has ended. The product's own messages,
-- such as the confirmation of an opt-out, are not stopped by one, but by a suppressed address. What is
-- about a debt that does not stand any more is CANCELLED, not FAILED. The caller holds the message row's lock.
create or replace function judge_send_v1(tenant bigint, task bigint) returns text
language plpgsql volatile as $$
declare
  send chat_messages%rowtype;
  wanted constant bigint := (
    select t.message_id from tasks t where t.tenant_id = tenant and t.task_id = task);
  why text;
begin
  select m.* into send from chat_messages m
  where m.tenant_id = tenant and m.message_id = wanted;
  if send.installment_id is not null then
    why := installment_refusal_v1(tenant, send.installment_id, send.decision);
    if why is not null then
      perform cancel_send_v1(tenant, task, why);
      return why;
    end if;
  end if;
  if send.channel = 'WHATSAPP' and send.template_name is null
    and not window_open_v1(tenant, send.contact_id, send.sender_id)
  then
    if use_fallback_v1(tenant, wanted) then
      select m.* into send from chat_messages m
      where m.tenant_id = tenant and m.message_id = wanted;
    else
      select 'service-window-closed' into why from tenants t
      where t.tenant_id = tenant and t.service_window = 'enforced';
    end if;
  end if;
  if why is null and send.origin <> 'automatic' then
    select r.why into why
    from content_refusal_v2(tenant, send.contact_id, send.sender_id,
      jsonb_strip_nulls(jsonb_build_object('category', send.category,
        'template', case when send.template_name is not null then jsonb_build_object(
          'name', send.template_name, 'language', send.template_language) end))) r;
  elsif why is null and suppressed_v1(tenant, send.contact_id, null) then
    why := 'suppressed';
  end if;
  if exists (select 1 from contacts c
    where c.tenant_id = tenant and c.contact_id = send.contact_id and c.retired_at is not null)
  then
    why := 'contact-retired';
  end if;
  if exists (select 1 from contacts c
    join persons p on p.tenant_id = c.tenant_id and p.person_id = c.person_id
    where c.tenant_id = tenant and c.contact_id = send.contact_id and p.erased_at is not null)
  then
    why := 'erased';
  end if;
  if why is not null then
    perform end_send_v1(tenant, task, why);
  end if;
  return why;
end
$$;
