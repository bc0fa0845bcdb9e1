-- Ends claimed fetches: what was kept makes the file STORED, DEAD makes it FAILED. Only under the
-- task's own fence; the task ends as settle_jobs_v1 ends any job.
--
-- input: jobs: [{tenantId, taskId, fence, outcome, reason?, retryInSeconds?, mediaId?,
--        kept?: {mimeType, sizeBytes, sha256 (base64)}}]
-- rows: the retries that their queue can bring back itself.
create or replace function settle_media_v1(input jsonb)
returns table (type text, tenant_id text, task_id text, wake_in_seconds integer)
language plpgsql volatile as $$
#variable_conflict use_column
begin
  perform 1 from tasks t
  where (t.tenant_id, t.task_id) in (
    select j."tenantId", j."taskId" from jsonb_to_recordset(input -> 'jobs')
      as j ("tenantId" bigint, "taskId" bigint))
  order by t.tenant_id, t.task_id
  for no key update;

  with settled as (
    select distinct on (j."tenantId", j."mediaId") j.* from jsonb_to_recordset(input -> 'jobs') as j (
      "tenantId" bigint, "taskId" bigint, fence bigint, outcome text, "mediaId" uuid, kept jsonb)
    join tasks t on t.tenant_id = j."tenantId" and t.task_id = j."taskId" and t.fence = j.fence
      and t.state = 'CLAIMED'
    where j.outcome = 'DEAD' or (j.outcome = 'DONE' and j.kept is not null)
    order by j."tenantId", j."mediaId", j.fence desc
  ), locked as (
    select m.tenant_id, m.media_id, s.outcome, s.kept from settled s
    join media m on m.tenant_id = s."tenantId" and m.media_id = s."mediaId"
      and m.state = 'PENDING'
    order by m.tenant_id, m.media_id
    for no key update of m
  )
  update media m set
    state = case l.outcome when 'DONE' then 'STORED' else 'FAILED' end,
    reason = case l.outcome when 'DONE' then null else 'media-failed' end,
    mime_type = coalesce(l.kept ->> 'mimeType', m.mime_type),
    size_bytes = coalesce((l.kept ->> 'sizeBytes')::bigint, m.size_bytes),
    sha256 = coalesce(decode(l.kept ->> 'sha256', 'base64'), m.sha256),
    stored_at = case l.outcome when 'DONE' then now() end
  from locked l
  where m.tenant_id = l.tenant_id and m.media_id = l.media_id;

  return query select s.type, s.tenant_id, s.task_id, s.wake_in_seconds from settle_jobs_v1(input) s;
end
$$;
