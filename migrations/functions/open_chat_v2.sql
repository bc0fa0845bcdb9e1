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
  contact jsonb;
  person bigint;
  holder bigint;
  owner persons%rowtype;
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

  -- First see that no contact belongs to somebody else, then touch anything.
  for contact in select c.value from jsonb_array_elements(input -> 'contacts') c loop
    select p.* into owner from contacts c
    join persons p on p.tenant_id = c.tenant_id and p.person_id = c.person_id
    where c.tenant_id = tenant and c.contact_id = find_contact_v1(
      tenant, contact ->> 'channel', jsonb_build_array(contact));
    if found and owner.external_id_hash is not null
      and owner.external_id_hash is distinct from external_hash
    then
      perform end_request_v1(input, null);
      return query select 'contact-taken', null::jsonb, null::integer, request.quota,
        0::double precision;
      return;
    end if;
  end loop;

  for contact in select c.value from jsonb_array_elements(input -> 'contacts') c loop
    select c.person_id into holder from contacts c
    where c.tenant_id = tenant and c.contact_id = find_contact_v1(
      tenant, contact ->> 'channel', jsonb_build_array(contact));
    if found then
      person := case when person is null or person = holder then holder
        else merge_persons_v1(tenant, least(person, holder), greatest(person, holder)) end;
    end if;
  end loop;
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

  for contact in select c.value from jsonb_array_elements(input -> 'contacts') c loop
    if find_contact_v1(tenant, contact ->> 'channel', jsonb_build_array(contact)) is null then
      insert into contacts (tenant_id, person_id, channel)
      values (tenant, person, contact ->> 'channel') returning contact_id into holder;
      perform add_identities_v1(
        tenant, holder, contact ->> 'channel', jsonb_build_array(contact));
    end if;
  end loop;

  select c.chat_id into opened from chats c
  where c.tenant_id = tenant and c.person_id = person and c.status = 'ACTIVE';
  if not found then
    insert into chats (tenant_id, person_id) values (tenant, person)
    returning chat_id into opened;
    created := true;
  end if;
  update chats c set channels = (
    select array_agg(distinct o.channel order by o.channel) from contacts o
    where o.tenant_id = tenant and o.person_id = person)
  where c.tenant_id = tenant and c.chat_id = opened;
  select jsonb_build_object('status', case when created then 201 else 200 end, 'chat', v.chat)
  into given from chat_view v where v.tenant_id = tenant and v.chat_id = opened;
  perform end_request_v1(input, given);
  return query select case when created then 'created' else 'existing' end, given -> 'chat',
    (given ->> 'status')::integer, request.quota, 0::double precision;
end
$$;
