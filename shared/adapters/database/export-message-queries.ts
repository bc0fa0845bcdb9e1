import type { MessagePart } from '../../ports/exports.ts'
import { type ExportQuery, lookedUp } from './export-query.ts'

/** What became of messages, by their ids. */
export const messageQueries: Readonly<Record<MessagePart, ExportQuery>> = {
  attempts: {
    told: `jsonb_build_object('messageId', a.message_id::text, 'attemptId', a.attempt_id,
      'number', a.number, 'channel', a.channel, 'outcome', a.outcome,
      'providerMessageId', a.provider_message_id, 'reportedStatus', a.reported_status,
      'reason', a.reason, 'reasonCode', a.reason_code, 'claimedAt', iso_utc(a.claimed_at),
      'resolvedAt', iso_utc(a.resolved_at))`,
    from: `${lookedUp('send_attempts', 'a', 'a.message_id = of.message_id')} where true`,
    key: "concat_ws(':', a.message_id, lpad(a.number::text, 9, '0'))",
    keyType: 'text',
  },
  statuses: {
    told: `jsonb_build_object('messageId', s.message_id::text, 'channel', s.channel,
      'status', s.status, 'reason', s.reason, 'reasonCode', s.reason_code,
      'providerMessageId', s.provider_message_id, 'attemptId', s.attempt_id,
      'detail', encode(s.detail, 'base64'), 'recipient', encode(s.recipient, 'base64'),
      'suppress', s.suppress, 'pricing', s.pricing, 'rowToken', s.row_token,
      'occurredAt', iso_utc(s.occurred_at))`,
    from: `${lookedUp('message_status', 's', 's.message_id = of.message_id')} where true`,
    key: 's.status_id',
    keyType: 'bigint',
    cells: [
      { name: 'detail', table: 'message_status', column: 'detail', isJson: true },
      { name: 'recipient', table: 'suppressions', column: 'value' },
    ],
  },
}
