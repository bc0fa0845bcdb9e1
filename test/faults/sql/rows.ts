import type pg from 'pg'
import type { MessageStatus } from '#shared/domain/message.ts'
import type {
  AttemptFacts,
  ChatFacts,
  MessageFacts,
  Rows,
  StatusChange,
  TaskFacts,
} from '../simulation/rows.ts'

/** What the rules judge, of these tenants. */
export async function readRows(
  pool: pg.Pool,
  tenantIds: readonly string[],
  now: number,
): Promise<Rows> {
  const read = async <T>(sql: string): Promise<readonly T[]> => {
    const { rows } = await pool.query(sql, [tenantIds])
    return rows.map(withoutNulls) as T[]
  }
  return {
    now,
    messages: await read<MessageFacts>(messagesSql),
    attempts: await read<AttemptFacts>(attemptsSql),
    tasks: await read<TaskFacts>(tasksSql),
    reports: await read(reportsSql),
    chats: await read<ChatFacts>(chatsSql),
    failures: await read(failuresSql),
    statusHistory: await read<StatusChange & { from: MessageStatus | undefined }>(statusesSql),
    attemptHistory: await read(outcomesSql),
  }
}

function withoutNulls(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value ?? undefined]))
}

const ours = 'tenant_id = any ($1::bigint[])'
const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::double precision`

const messagesSql = `select message_id::text as "messageId", chat_id::text as "chatId",
    sequence::integer, direction, status, reason, delivery_policy as "deliveryPolicy",
    possible_duplicate as "possibleDuplicate", out_of_order as "outOfOrder",
    provider_message_id as "providerMessageId", ${ms('created_at')} as "createdAt",
    ${ms('expires_at')} as "expiresAt", coalesce(report_ttl_seconds, 0) as "reportTtlSeconds"
  from chat_messages where ${ours}`

const attemptsSql = `select attempt_id::text as "attemptId", message_id::text as "messageId",
    number, outcome, provider_message_id as "providerMessageId", ${ms('claimed_at')} as "claimedAt",
    ${ms('resolved_at')} as "resolvedAt"
  from send_attempts where ${ours}`

const tasksSql = `select task_id::text as "taskId", type, message_id::text as "messageId", state,
    ${ms('due_at')} as "dueAt", ${ms('lease_until')} as "leaseUntil"
  from tasks where ${ours}`

const reportsSql = `select provider_message_id as "providerMessageId", status,
    message_id::text as "messageId" from message_status where ${ours}`

const chatsSql = `select tenant_id::text as "tenantId", chat_id::text as "chatId",
    person_id::text as "personId", status, last_message_id::text as "lastMessageId",
    unread_count as "unreadCount", last_sequence::integer as "lastSequence"
  from chats where ${ours}`

const failuresSql = `select queue, queue_message_id as "queueMessageId", reason
  from task_failures where ${ours} or tenant_id = 0`

const statusesSql = `select message_id::text as "messageId", old_status as "from",
    new_status as "to", ${ms('at')} as at
  from audit.statuses where ${ours} order by change_id`

const outcomesSql = `select attempt_id::text as "attemptId", outcome as "to", ${ms('at')} as at
  from audit.outcomes where ${ours} order by change_id`
