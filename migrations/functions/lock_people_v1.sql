-- Takes the locks of everybody in a batch of webhook items: first of all their identities, then of
-- the ACTIVE chats of those who are known, each in key order. Parked items are somebody's too.
create or replace function lock_people_v1(input jsonb) returns void
language plpgsql volatile as $$
begin
  perform lock_identities_v1((
    select array_agg(concat_ws(':', i.value ->> 'tenantId', i.value ->> 'channel',
      n.value ->> 'kind', n.value ->> 'hash'))
    from jsonb_array_elements((input -> 'messages') || (input -> 'preferences')) i
    cross join jsonb_array_elements(i.value -> 'identities') n)
    || author_locks_v1(input -> 'parked'));
  perform 1 from chats c
  where c.status = 'ACTIVE' and (c.tenant_id, c.person_id) in (
    select o.tenant_id, o.person_id
    from jsonb_array_elements(input -> 'messages') i
    cross join jsonb_array_elements(i.value -> 'identities') n
    join contact_identities k on k.tenant_id = (i.value ->> 'tenantId')::bigint
      and k.channel = i.value ->> 'channel' and k.kind = n.value ->> 'kind'
      and k.value_hash = decode(n.value ->> 'hash', 'base64')
    join contacts o on o.tenant_id = k.tenant_id and o.contact_id = k.contact_id)
  order by c.tenant_id, c.chat_id
  for no key update;
end
$$;
