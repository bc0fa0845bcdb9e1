import type pg from 'pg'
import type { Ledger } from '#infra/local/whatsapp/ledger.ts'
import type { Ledgers, Post } from './ledgers.ts'

const rowsPerStatement = 2000

/** Puts the ledgers beside the product's own tables, so that the invariants are SQL over both. */
export async function loadLedgers(
  owner: pg.Pool,
  { ledgers, posts, provider }: { ledgers: Ledgers; posts: readonly Post[]; provider: Ledger },
): Promise<void> {
  const fill = async (table: string, columns: string, rows: readonly object[]) => {
    for (let start = 0; start < rows.length; start += rowsPerStatement) {
      await owner.query(
        `insert into harness.${table} select * from jsonb_to_recordset($1::jsonb) as r (${columns})`,
        [JSON.stringify(rows.slice(start, start + rowsPerStatement))],
      )
    }
  }
  await fill(
    'l_post',
    'key text, chat_id bigint',
    posts.map(({ key, chatId }) => ({ key, chat_id: chatId })),
  )
  await fill(
    'l_ack',
    'key text, at timestamptz, status integer, body text, message_id bigint, other boolean',
    ledgers.answers.map(({ key, at, status, body, isOtherBody }) => ({
      key,
      at,
      status,
      body,
      message_id: status === 202 ? messageIdIn(body) : null,
      other: isOtherBody,
    })),
  )
  await fill(
    'l_call',
    `turn bigint, at timestamptz, attempt_id uuid, phone_number_id text, accepted boolean,
     meant text, status integer, wamid text`,
    provider.calls.map((call, turn) => ({
      turn,
      at: call.at,
      attempt_id: call.attemptId,
      phone_number_id: call.phoneNumberId,
      accepted: call.accepted,
      meant: call.meant,
      status: call.httpStatus,
      wamid: call.wamid,
    })),
  )
  await fill(
    'l_event',
    'turn bigint, kind text, wamid text, attempt_id uuid, status text, told boolean',
    provider.events.map((event, turn) => ({
      turn,
      kind: event.kind,
      wamid: event.wamid,
      attempt_id: event.attemptId,
      status: statusOf(event.status),
      told: event.acknowledged,
    })),
  )
  await fill(
    'l_planted',
    'queue text, queue_message_id text',
    ledgers.planted.map(({ queue, queueMessageId }) => ({
      queue: `${queue}-dead-letters`,
      queue_message_id: queueMessageId,
    })),
  )
  await fill(
    'l_forged',
    'wamid text',
    ledgers.forged.map((wamid) => ({ wamid })),
  )
}

function messageIdIn(body: string): string | undefined {
  return (JSON.parse(body) as { messageId?: string }).messageId
}

/** A voice message that was played was read. */
function statusOf(told: string | undefined): string | undefined {
  return told === 'played' ? 'READ' : told?.toUpperCase()
}
