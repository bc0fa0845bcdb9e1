-- One step of an erasure. The first marks the person; each next one blanks a batch and names what lies
-- in buckets; what the caller has deleted there it names in its next call. May be repeated, given up
-- and done by several at once.
--
-- input: tenantId, requestId, limit, backupDays, rawMailDays, queueDays, deleted: {mediaIds: [],
--        exportIds: [], rawMailIds: []}, leftRawMailIds?: [], which nobody can reach any more
-- outcome: more (call again) | waiting (calls of providers are under way; see wait_seconds) | done
--        | held (refused by a legal hold) | nothing (there is no such erasure, or it has ended)
create or replace function erase_person_v2(input jsonb)
returns table (outcome text, objects text, wait_seconds integer)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  wanted constant bigint := (input ->> 'requestId')::bigint;
  most constant integer := (input ->> 'limit')::integer;
  request privacy_requests%rowtype;
  same bigint[];
  counts jsonb := '{}';
  batch jsonb;
  files integer;
  mails integer;
  mails_left integer;
  named jsonb;
begin
  select * into request from privacy_requests r
  where r.tenant_id = tenant and r.request_id = wanted and r.kind = 'ERASURE'
    and r.state in ('REQUESTED', 'RUNNING')
  for no key update;
  if not found then
    return query select 'nothing', '[]', 0;
    return;
  end if;
  if request.state = 'REQUESTED' then
    counts := mark_erased_v1(tenant, request.person_id);
    update privacy_requests r set state = case when counts is null then 'REFUSED' else 'RUNNING' end,
      reason = case when counts is null then 'legal-hold' end,
      done_at = case when counts is null then now() end
    where r.tenant_id = tenant and r.request_id = wanted;
    if counts is null then
      return query select 'held', '[]', 0;
      return;
    end if;
  end if;
  same := persons_of_v1(tenant, request.person_id);

  update media f set erased_at = now(), state = 'FAILED', reason = 'erased', filename = null,
    provider_media_id = null, sha256 = null
  where f.tenant_id = tenant and f.erased_at is null and f.media_id in (
    select d.id::uuid from jsonb_array_elements_text(input #> '{deleted,mediaIds}') d (id));
  get diagnostics files = row_count;
  delete from media_uploads u
  where u.tenant_id = tenant and u.media_id in (
    select d.id::uuid from jsonb_array_elements_text(input #> '{deleted,mediaIds}') d (id));
  update privacy_requests r set object_key = null, expires_at = now()
  where r.tenant_id = tenant and r.kind = 'EXPORT' and r.person_id = any (same)
    and r.request_id in (
      select d.id::bigint from jsonb_array_elements_text(input #> '{deleted,exportIds}') d (id));
  delete from raw_mails r
  where r.tenant_id = tenant and r.person_id = any (same) and r.raw_mail_id in (
    select d.id::bigint from jsonb_array_elements_text(input #> '{deleted,rawMailIds}') d (id));
  get diagnostics mails = row_count;
  delete from raw_mails r
  where r.tenant_id = tenant and r.person_id = any (same) and r.raw_mail_id in (
    select d.id::bigint from jsonb_array_elements_text(input -> 'leftRawMailIds') d (id));
  get diagnostics mails_left = row_count;

  batch := erase_rows_v1(tenant, same, most);
  counts := add_counts_v1(counts,
    batch || jsonb_strip_nulls(jsonb_build_object('files', files, 'rawMails', mails,
      'rawMailsLeft', nullif(mails_left, 0))));
  select coalesce(jsonb_agg(o.named), '[]') into named from (
    select jsonb_build_object('mediaId', f.media_id, 'key', f.object_key) as named
    from erasable_files_v1(tenant, same, least(most, 200)) f
    union all
    (select jsonb_build_object('exportId', r.request_id::text, 'key', r.object_key)
    from privacy_requests r
    where r.tenant_id = tenant and r.person_id = any (same) and r.kind = 'EXPORT'
      and r.object_key is not null
    limit least(most, 200))
    union all
    (select jsonb_build_object('rawMailId', r.raw_mail_id::text, 'key', r.object_key)
    from raw_mails r
    where r.tenant_id = tenant and r.person_id = any (same)
    limit least(most, 100))) o;

  outcome := case
    when named <> '[]' or exists (
      select 1 from jsonb_each_text(batch) b where b.value <> '0') then 'more'
    else 'done' end;
  wait_seconds := 0;
  if outcome = 'done' then
    select case when max(t.lease_until) is not null
      then greatest(1, ceil(extract(epoch from max(t.lease_until) - now())))::integer end
    into wait_seconds from tasks t
    join chat_messages m on m.tenant_id = t.tenant_id and m.message_id = t.message_id
    join chats c on c.tenant_id = m.tenant_id and c.chat_id = m.chat_id
    where t.tenant_id = tenant and t.state = 'CLAIMED' and t.type in ('MESSAGE_SEND', 'MEDIA_FETCH')
      and c.person_id = any (same);
    outcome := case when wait_seconds is null then 'done' else 'waiting' end;
  end if;
  update privacy_requests r set
    state = case outcome when 'done' then 'DONE' else r.state end,
    done_at = case outcome when 'done' then now() end,
    receipt = case outcome when 'done' then jsonb_build_object(
      'backupsExpireOn', ((now() at time zone 'UTC')::date
        + (input ->> 'backupDays')::integer)::text,
      'unassignedExpireOn', unassigned_until_v1(tenant, (input ->> 'rawMailDays')::integer,
        (input ->> 'queueDays')::integer)::text) else '{}' end
      || jsonb_build_object('counts', add_counts_v1(r.receipt -> 'counts', counts))
  where r.tenant_id = tenant and r.request_id = wanted;
  return query select outcome, named::text, coalesce(wait_seconds, 0);
end
$$;
