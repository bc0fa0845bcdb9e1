-- Makes two persons one: the survivor takes contacts and external id; of two ACTIVE chats the
-- newer one is closed and points to the older. A legal hold of one is that of both. Answers the
-- survivor.
create or replace function merge_persons_v1(tenant bigint, survivor bigint, merged bigint)
returns bigint
language plpgsql volatile as $$
declare
  gone persons%rowtype;
  kept_chat bigint;
  closed_chat bigint;
begin
  perform 1 from chats c
  where c.tenant_id = tenant and c.person_id in (survivor, merged) and c.status = 'ACTIVE'
  order by c.chat_id for no key update;
  select * into gone from persons p where p.tenant_id = tenant and p.person_id = merged;
  update persons p set external_id_hash = null, external_id = null,
    legal_hold_at = null, legal_hold_reason = null, merged_into_person_id = survivor
  where p.tenant_id = tenant and p.person_id = merged;
  update persons p set
    external_id_hash = coalesce(p.external_id_hash, gone.external_id_hash),
    external_id = coalesce(p.external_id, gone.external_id),
    name = coalesce(p.name, gone.name),
    time_zone = coalesce(p.time_zone, gone.time_zone),
    state = coalesce(p.state, gone.state),
    legal_hold_at = coalesce(p.legal_hold_at, gone.legal_hold_at),
    legal_hold_reason = coalesce(p.legal_hold_reason, gone.legal_hold_reason),
    row_token = case when p.name is null then gone.row_token else p.row_token end
  where p.tenant_id = tenant and p.person_id = survivor;
  update movements m set person_id = survivor
  where m.tenant_id = tenant and m.person_id = merged;
  update contacts c set person_id = survivor
  where c.tenant_id = tenant and c.person_id = merged;

  select min(c.chat_id), case when count(*) > 1 then max(c.chat_id) end
  into kept_chat, closed_chat
  from chats c
  where c.tenant_id = tenant and c.person_id in (survivor, merged) and c.status = 'ACTIVE';
  update chats c set status = 'CLOSED', merged_into_chat_id = kept_chat, updated_at = now()
  where c.tenant_id = tenant and c.chat_id = closed_chat;
  update chats c set person_id = survivor, updated_at = now()
  where c.tenant_id = tenant and c.person_id = merged;
  return survivor;
end
$$;
