-- What the provider's answers taught: another number of a contact, unless it is somebody else's, and
-- what it calls our files. The caller holds the locks of these identities.
--
-- sends: [{tenantId, taskId, identity?: {kind, hash, value, rowToken, hasVariant},
--        uploads?: [{mediaId, providerMediaId, rowToken}]}]
create or replace function keep_learned_v1(sends jsonb) returns void
language plpgsql volatile as $$
begin
  perform add_identities_v1(m.tenant_id, m.contact_id, m.channel, jsonb_build_array(s.identity))
  from jsonb_to_recordset(sends) as s ("tenantId" bigint, "taskId" bigint, identity jsonb)
  join tasks t on t.tenant_id = s."tenantId" and t.task_id = s."taskId"
  join chat_messages m on m.tenant_id = t.tenant_id and m.message_id = t.message_id
  where s.identity is not null;

  insert into media_uploads as k
    (tenant_id, media_id, sender_id, provider_media_id, row_token)
  select distinct on (f.tenant_id, f.media_id, m.sender_id) f.tenant_id, f.media_id, m.sender_id,
    decode(u."providerMediaId", 'base64'), u."rowToken"
  from jsonb_to_recordset(sends) as s ("tenantId" bigint, "taskId" bigint, uploads jsonb)
  cross join lateral jsonb_to_recordset(s.uploads)
    as u ("mediaId" uuid, "providerMediaId" text, "rowToken" uuid)
  join tasks t on t.tenant_id = s."tenantId" and t.task_id = s."taskId"
  join chat_messages m on m.tenant_id = t.tenant_id and m.message_id = t.message_id
  join media f on f.tenant_id = t.tenant_id and f.media_id = u."mediaId"
  order by f.tenant_id, f.media_id, m.sender_id
  on conflict (tenant_id, media_id, sender_id) do update
  set provider_media_id = excluded.provider_media_id, row_token = excluded.row_token,
    uploaded_at = now();
end
$$;
