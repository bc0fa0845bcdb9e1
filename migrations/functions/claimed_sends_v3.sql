-- The sends that a batch has claimed under its token, with all that sending them needs, in the order
-- in which a chat's sends must go.
--
-- media: [{mediaId, objectKey, mimeType, sizeBytes, filename?, rowToken, upload?: {value, rowToken}}],
-- sealed cells in base64; Meta keeps an uploaded file for 30 days. mail: {from, fromName?, replyDomain?,
-- configurationSet?, unsubscribeUrl?, contactId, category?, automatic?, thread}, of a mail alone; thread: see mail_thread_v1.
-- template: the source of the template of ours that the message is made of. installment: {installmentId,
-- version, onUnreachable?: hold | send, status?, dueOn?, balanceCents?} of a message about a debt, as it
-- was when decided upon.
create or replace function claimed_sends_v3(input jsonb)
returns table (
  tenant_id text, task_id text, attempt_id text, fence text, attempts integer, message_id text,
  chat_id text, channel text, delivery_policy text, content bytea, row_token text,
  recipient_kind text, recipient bytea, recipient_token text, is_variant boolean,
  phone_number_id text, secret_name text, reply_to text, media text, mail text, template text, installment text)
language sql stable rows 10 as $$
  select t.tenant_id::text, t.task_id::text, a.attempt_id::text, t.fence::text, t.attempts,
    m.message_id::text, m.chat_id::text, m.channel::text, m.delivery_policy::text,
    -- The Data API refuses a row over 64 KB after the commit.
    case when octet_length(m.content) <= 60000 then m.content end,
    m.row_token::text, i.kind::text, i.value, i.row_token::text, t.payload ? 'variant',
    s.phone_number_id::text, s.secret_name::text,
    -- The id of a blank message is a digest, which says nothing to a provider.
    case when r.blanked_at is not null then null
      when r.direction = 'INBOUND' then r.provider_message_id else (
        select o.provider_message_id from send_attempts o
        where o.tenant_id = r.tenant_id and o.message_id = r.message_id
          and o.outcome = 'ACCEPTED' and o.provider_message_id is not null
        order by o.number desc limit 1) end::text,
    (select jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
        'mediaId', f.media_id, 'objectKey', f.object_key, 'mimeType', f.mime_type,
        'sizeBytes', f.size_bytes, 'filename', encode(f.filename, 'base64'),
        'rowToken', f.row_token,
        'upload', case when u.media_id is not null then jsonb_build_object(
          'value', encode(u.provider_media_id, 'base64'), 'rowToken', u.row_token) end)))::text
      from jsonb_array_elements_text(t.payload -> 'mediaIds') w (id)
      join media f on f.tenant_id = t.tenant_id and f.media_id = w.id::uuid
      left join media_uploads u on u.tenant_id = f.tenant_id and u.media_id = f.media_id
        and u.sender_id = m.sender_id and u.uploaded_at > now() - interval '29 days'),
    case m.channel when 'EMAIL' then jsonb_strip_nulls(jsonb_build_object(
      'from', s.from_address, 'fromName', s.from_name, 'replyDomain', s.reply_domain,
      'configurationSet', s.configuration_set, 'unsubscribeUrl', s.unsubscribe_url,
      'contactId', m.contact_id::text, 'category', m.category,
      'automatic', case when m.origin = 'automatic' then true end,
      'thread', mail_thread_v1(m.tenant_id, m.chat_id)))::text end,
    (select p.source::text from templates p
      where p.tenant_id = m.tenant_id and p.name = m.named_template and p.channel = m.channel
        and p.language = m.named_template_language and p.version = m.named_template_version),
    case when m.installment_id is not null then jsonb_strip_nulls(jsonb_build_object(
      'installmentId', m.installment_id, 'version', m.installment_version,
      'onUnreachable', m.decision ->> 'onUnreachable', 'status', m.decision ->> 'status',
      'dueOn', m.decision ->> 'dueOn', 'balanceCents', m.decision -> 'balanceCents'))::text end
  from send_requests_v1(input) w
  join tasks t on t.tenant_id = w.tenant_id and t.task_id = w.task_id
  join send_attempts a on a.tenant_id = t.tenant_id and a.message_id = t.message_id
    and a.fence = t.fence
  join chat_messages m on m.tenant_id = t.tenant_id and m.message_id = t.message_id
  join senders s on s.tenant_id = m.tenant_id and s.sender_id = m.sender_id
  left join lateral recipient_v1(m.tenant_id, m.contact_id) i on true
  left join chat_messages r on r.tenant_id = m.tenant_id and r.message_id = m.reply_to_message_id
  where t.state = 'CLAIMED' and t.claim_token = (input ->> 'claimToken')::uuid
  order by t.tenant_id, t.chat_id, t.sequence
$$;
