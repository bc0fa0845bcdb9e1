-- Applies an edit or a withdrawal to the message it is about, written by the same contact. Only
-- forward in the provider's time, and nothing comes back once it was withdrawn. What a person on legal
-- hold withdraws is shown to nobody and stays in its row; set_legal_hold_v1 takes it when the hold ends.
-- outcome: applied | known (a copy, or one that a later one overtook) | no-original
--
-- item.amends: kind: edit | revoke, providerMessageId; of an edit also contentType, content,
--              rowToken, file?
create or replace function amend_message_v1(
  item jsonb, contact bigint, out outcome text, out tasks bigint[])
language plpgsql volatile as $$
declare
  tenant constant bigint := (item ->> 'tenantId')::bigint;
  happened_at constant timestamptz := (item ->> 'occurredAt')::timestamptz;
  amends constant jsonb := item -> 'amends';
  original chat_messages%rowtype;
  is_held boolean;
begin
  tasks := '{}';
  select * into original from chat_messages m
  where m.tenant_id = tenant and m.channel = item ->> 'channel' and m.direction = 'INBOUND'
    and m.provider_message_id = amends ->> 'providerMessageId' and m.contact_id = contact
  for no key update;
  outcome := case
    when not found then 'no-original'
    when original.revoked_at is not null or original.content is null
      or happened_at < original.occurred_at then 'known'
    when amends ->> 'kind' = 'edit' and happened_at <= original.edited_at then 'known'
    else 'applied' end;
  if outcome <> 'applied' then
    return;
  end if;

  if amends ->> 'kind' = 'edit' then
    update chat_messages m set edited_at = happened_at, content_type = amends ->> 'contentType',
      content = decode(amends ->> 'content', 'base64'),
      metadata_row_token = coalesce(m.metadata_row_token, m.row_token),
      row_token = (amends ->> 'rowToken')::uuid
    where m.tenant_id = tenant and m.message_id = original.message_id;
    tasks := array_remove(
      array[store_file_v1(tenant, original.message_id, amends -> 'file')], null);
    return;
  end if;
  select p.legal_hold_at is not null into is_held from chats c
  join persons p on p.tenant_id = c.tenant_id and p.person_id = c.person_id
  where c.tenant_id = tenant and c.chat_id = original.chat_id;
  update chat_messages m set revoked_at = happened_at,
    content = case when is_held then m.content end,
    metadata = case when is_held then m.metadata end
  where m.tenant_id = tenant and m.message_id = original.message_id;
  update media f set state = 'FAILED', reason = 'revoked',
    filename = case when is_held then f.filename end,
    provider_media_id = case when is_held then f.provider_media_id end
  where f.tenant_id = tenant and f.message_id = original.message_id;
  update tasks t set state = 'CANCELLED', reason = 'revoked', updated_at = now()
  where t.tenant_id = tenant and t.message_id = original.message_id and t.type = 'MEDIA_FETCH'
    and t.state = 'PENDING';
end
$$;
