-- Opens or returns the ACTIVE chat of a person, with the contacts given. An unlinked person (one
-- who wrote first) who holds one of them is linked: the older person survives, the newer chat is
-- closed and points to it.
--
-- input: tenantId, clientId, route, keyHash, bodyHash, keyDays, externalId: {hash, value}?,
--        name?, nameToken, contacts: [{channel, kind, hash, value, rowToken}]
-- outcome: created | existing | replayed | key-mismatch | client-unknown | rate-limited
--        | contact-taken
create or replace function open_chat_v2(input jsonb)
returns table (
  outcome text, chat jsonb, answer_status integer, quota jsonb,
  retry_after_seconds double precision)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  external_hash constant bytea := decode(input #>> '{externalId,hash}', 'base64');
  request record;
  person bigint;
  is_taken boolean;
  opened bigint;
  created boolean := false;
  given jsonb;
begin
  select * into request from begin_request_v1(input) r;
  if request.outcome <> 'go' then
    return query select request.outcome, request.answer -> 'chat',
      (request.answer ->> 'status')::integer, request.quota, request.retry_after_seconds;
    return;
  end if;

  perform lock_identities_v1((
    select array_agg(l.key) from (
      select concat_ws(':', tenant, 'person', input #>> '{externalId,hash}') as key
      where external_hash is not null
      union all
      select concat_ws(':', tenant, c.value ->> 'channel', c.value ->> 'kind', c.value ->> 'hash')
      from jsonb_array_elements(input -> 'contacts') c) l));

  select p.person_id into person from persons p
  where p.tenant_id = tenant and p.external_id_hash = external_hash;

  select l.person, l.is_taken into person, is_taken
  from link_holders_v1(tenant, person, external_hash, input -> 'contacts') l;
  if is_taken then
    perform end_request_v1(input, null);
    return query select 'contact-taken', null::jsonb, null::integer, request.quota,
      0::double precision;
    return;
  end if;
  if person is null then
    insert into persons (tenant_id, external_id_hash, external_id, name, row_token)
    values (tenant, external_hash, decode(input #>> '{externalId,value}', 'base64'),
      decode(input ->> 'name', 'base64'), (input ->> 'nameToken')::uuid)
    returning person_id into person;
  else
    update persons p set
      external_id_hash = coalesce(external_hash, p.external_id_hash),
      external_id = case when external_hash is null then p.external_id
        else decode(input #>> '{externalId,value}', 'base64') end,
      name = coalesce(decode(input ->> 'name', 'base64'), p.name),
      row_token = case when input ->> 'name' is null then p.row_token
        else (input ->> 'nameToken')::uuid end
    where p.tenant_id = tenant and p.person_id = person;
  end if;

  perform add_contacts_v1(tenant, person, input -> 'contacts');

  select c.chat_id into opened from chats c
  where c.tenant_id = tenant and c.person_id = person and c.status = 'ACTIVE';
  if not found then
    insert into chats (tenant_id, person_id) values (tenant, person)
    returning chat_id into opened;
    created := true;
  end if;
  perform show_channels_v1(tenant, person);
  select jsonb_build_object('status', case when created then 201 else 200 end, 'chat', v.chat)
  into given from chat_view v where v.tenant_id = tenant and v.chat_id = opened;
  perform end_request_v1(input, given);
  return query select case when created then 'created' else 'existing' end, given -> 'chat',
    (given ->> 'status')::integer, request.quota, 0::double precision;
end
$$;
