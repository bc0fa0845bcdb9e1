-- The moment from which a person is erased: no hash finds it, no name and no address are left, no chat
-- is open. Claims end its sends, and whoever writes from the same address is somebody new. Locks are
-- taken as on the webhook road: identities, chats, persons. Answers the rows touched by table; null when
-- a legal hold forbids it.
create or replace function mark_erased_v1(tenant bigint, person bigint) returns jsonb
language plpgsql volatile as $$
declare
  same constant bigint[] := persons_of_v1(tenant, person);
  seen text[];
  counts jsonb;
begin
  seen := erasure_locks_v1(tenant, same);
  perform lock_identities_v1(seen);
  perform 1 from chats c
  where c.tenant_id = tenant and c.person_id = any (same) order by c.chat_id for no key update;
  perform 1 from persons p
  where p.tenant_id = tenant and p.person_id = any (same) order by p.person_id for update;
  -- Somebody was merged or learned of while we waited: begin anew.
  if persons_of_v1(tenant, person) <> same or erasure_locks_v1(tenant, same) <> seen then
    raise exception using errcode = '40001', message = 'the person has changed meanwhile';
  end if;
  perform 1 from persons p
  where p.tenant_id = tenant and p.person_id = any (same) and p.legal_hold_at is not null;
  if found then
    return null;
  end if;

  perform claim_unread_v1(tenant, same, person);
  counts := jsonb_build_object('suppressions', erase_suppressions_v1(tenant, same));
  with gone as (
    delete from contact_identities i using contacts c
    where c.tenant_id = tenant and c.person_id = any (same)
      and i.tenant_id = c.tenant_id and i.contact_id = c.contact_id
    returning 1)
  select counts || jsonb_build_object('contactIdentities', count(*)) into counts from gone;
  with gone as (
    delete from opt_outs o using contacts c
    where c.tenant_id = tenant and c.person_id = any (same)
      and o.tenant_id = c.tenant_id and o.contact_id = c.contact_id
    returning 1)
  select counts || jsonb_build_object('optOuts', count(*)) into counts from gone;
  with blanked as (
    update contacts c set retired_at = coalesce(c.retired_at, now())
    where c.tenant_id = tenant and c.person_id = any (same)
    returning 1)
  select counts || jsonb_build_object('contacts', count(*)) into counts from blanked;
  -- The address that mails of a chat are answered to is a way back to it.
  with blanked as (
    update chats c set status = 'ARCHIVED', updated_at = now(), unread_count = 0,
      mail_token = replace(gen_random_uuid()::text, '-', '')
    where c.tenant_id = tenant and c.person_id = any (same)
    returning 1)
  select counts || jsonb_build_object('chats', count(*)) into counts from blanked;
  with blanked as (
    update persons p set erased_at = coalesce(p.erased_at, now()), name = null,
      external_id = null, external_id_hash = null, time_zone = null, state = null
    where p.tenant_id = tenant and p.person_id = any (same)
    returning 1)
  select counts || jsonb_build_object('persons', count(*)) into counts from blanked;
  return counts;
end
$$;
