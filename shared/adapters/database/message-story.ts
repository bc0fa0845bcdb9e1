import type { Caller } from '../../domain/caller.ts'
import type { SendAttempt, StatusReport } from '../../domain/message-history.ts'
import type { MessageName, MessageStory } from '../../ports/message-desk.ts'
import type { Sealer } from '../../ports/sealer.ts'
import { queryAs } from './client-call.ts'
import type { DataApi, Row } from './data-api.ts'
import { messageColumns, toMessage, withContent } from './message-rows.ts'
import { text } from './row-values.ts'

/** Newest attempts and reports of a message that are told. */
const most = 50

/** A row for the message, then one for each attempt and report: together they could pass 64 KB. */
const story = `select 'message' as part, null as told, ${messageColumns}
  from chat_messages m
  where m.tenant_id = :tenant::bigint and m.chat_id = :chat::bigint
    and m.message_id = :message::bigint
  union all
  select s.part, s.told::text, null, null, null, null, null, null, null
  from chat_messages m
  cross join lateral (
    (select 'attempt' as part, jsonb_build_object('number', a.number, 'outcome', a.outcome,
        'claimedAt', iso_utc(a.claimed_at), 'resolvedAt', iso_utc(a.resolved_at),
        'reason', a.reason, 'reasonCode', a.reason_code) as told
      from send_attempts a
      where a.tenant_id = m.tenant_id and a.message_id = m.message_id
      order by a.number desc limit ${most})
    union all
    (select 'report', jsonb_build_object('status', r.status, 'occurredAt', iso_utc(r.occurred_at),
        'attempt', (
          select a.number from send_attempts a
          where a.tenant_id = r.tenant_id and a.channel = r.channel
            and a.provider_message_id = r.provider_message_id),
        'reason', r.reason, 'reasonCode', r.reason_code)
      from message_status r
      where r.tenant_id = m.tenant_id and r.message_id = m.message_id
      order by r.occurred_at desc, r.status_id desc limit ${most})) s
  where m.tenant_id = :tenant::bigint and m.chat_id = :chat::bigint
    and m.message_id = :message::bigint`

/** A message and what became of it, in one call. */
export async function readStory(
  { database, sealer: sealers }: { database: DataApi; sealer: Sealer },
  caller: Caller,
  { chatId, messageId }: MessageName,
): Promise<MessageStory | undefined> {
  const rows = await queryAs(database, caller, {
    sql: story,
    parameters: { chat: chatId, message: messageId },
    shows: {
      ids: { chatId: ':chat::text', messageId: 'w.message_id' },
      where: `w.part = 'message'`,
    },
  })
  const row = rows.find(({ part }) => part === 'message')
  if (row === undefined) return undefined
  const sealer = await sealers.forTenant(caller.tenantId)
  const told = (part: string) => rows.filter((each) => each.part === part).map(toldOf)
  const attempts = told('attempt') as unknown as readonly SendAttempt[]
  const reports = told('report') as unknown as readonly StatusReport[]
  return {
    message: toMessage(sealer, await withContent(database, caller.tenantId, row)),
    attempts: attempts.toSorted((one, other) => one.number - other.number),
    reports: reports.toSorted((one, other) => one.occurredAt.localeCompare(other.occurredAt)),
  }
}

/** What is unknown is absent, as the domain has it. */
function toldOf(row: Row): Readonly<Record<string, unknown>> {
  const told = JSON.parse(text(row, 'told')) as Readonly<Record<string, unknown>>
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== null))
}
