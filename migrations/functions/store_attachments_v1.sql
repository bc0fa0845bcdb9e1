-- Files of an inbound mail, whose bytes lie in the bucket already.
--
-- files: [{mediaId, kind, mimeType, sizeBytes, sha256, objectKey, filename, rowToken}]
create or replace function store_attachments_v1(tenant bigint, message bigint, files jsonb)
returns void
language sql volatile as $$
  insert into media
    (tenant_id, media_id, direction, kind, state, mime_type, size_bytes, sha256, object_key,
     filename, row_token, message_id, sender_id, stored_at)
  select tenant, f."mediaId", 'INBOUND', f.kind, 'STORED', f."mimeType", f."sizeBytes",
    decode(f.sha256, 'base64'), f."objectKey", decode(f.filename, 'base64'), f."rowToken", message,
    m.sender_id, now()
  from jsonb_to_recordset(files)
    as f ("mediaId" uuid, kind text, "mimeType" text, "sizeBytes" bigint, sha256 text,
      "objectKey" text, filename text, "rowToken" uuid)
  join chat_messages m on m.tenant_id = tenant and m.message_id = message
$$;
