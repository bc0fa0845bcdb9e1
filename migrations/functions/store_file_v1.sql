-- Notes a file that lies with the provider and plans to fetch it; answers that task, or null when
-- there is no file. A message has one such task: the file of an edited one gets a task of no message.
--
-- file: mediaId, kind, mimeType, sha256?, filename?, providerMediaId, rowToken
create or replace function store_file_v1(tenant bigint, message bigint, file jsonb)
returns bigint
language plpgsql volatile as $$
declare
  task bigint;
begin
  if file is null then
    return null;
  end if;
  insert into media
    (tenant_id, media_id, direction, kind, mime_type, sha256, object_key, filename,
     provider_media_id, row_token, message_id, sender_id)
  select tenant, (file ->> 'mediaId')::uuid, 'INBOUND', file ->> 'kind', file ->> 'mimeType',
    decode(file ->> 'sha256', 'base64'), concat_ws('/', 'media', tenant, file ->> 'mediaId'),
    decode(file ->> 'filename', 'base64'), decode(file ->> 'providerMediaId', 'base64'),
    (file ->> 'rowToken')::uuid, message, m.sender_id
  from chat_messages m where m.tenant_id = tenant and m.message_id = message;
  insert into tasks (tenant_id, type, message_id, payload, due_at, woken_at)
  values (tenant, 'MEDIA_FETCH',
    case when not exists (
      select 1 from tasks t where t.tenant_id = tenant and t.message_id = message
        and t.type = 'MEDIA_FETCH') then message end,
    jsonb_build_object('mediaId', file ->> 'mediaId'), now(), now())
  returning task_id into task;
  return task;
end
$$;
