-- A message as the API shows it, but for what is sealed: ids and times are text, what is absent has
-- no key. Without a sub-select, so that it becomes part of the query that calls it and a content
-- that is not shown is not read.
create or replace function shown_message_v1(m chat_messages) returns jsonb
language sql stable as $$
  select jsonb_strip_nulls(jsonb_build_object(
    'messageId', m.message_id::text,
    'chatId', m.chat_id::text,
    'sequence', m.sequence::text,
    'direction', m.direction,
    'channel', m.channel,
    'origin', m.origin,
    'status', m.status,
    'reason', m.reason,
    'reasonCode', m.reason_code,
    'statusAt', iso_utc(m.status_at),
    'held', m.held,
    'possibleDuplicate', m.possible_duplicate,
    'outOfOrder', m.out_of_order,
    'fallbackWaits', m.fallback_content is not null
      and m.status in ('QUEUED', 'SENDING', 'UNKNOWN'),
    'fallbackUsed', m.fallback_used,
    'deliveryPolicy', m.delivery_policy,
    'pricing', message_pricing_v1(m.tenant_id, m.message_id),
    'replyToMessageId', m.reply_to_message_id::text,
    'resendOfMessageId', m.resend_of_message_id::text,
    'editedAt', iso_utc(m.edited_at),
    'revokedAt', iso_utc(m.revoked_at),
    'deletedAt', iso_utc(m.deleted_at),
    'sendAt', iso_utc(m.send_at),
    'expiresAt', iso_utc(m.expires_at),
    'occurredAt', iso_utc(m.occurred_at),
    'createdAt', iso_utc(m.created_at)))
$$;
