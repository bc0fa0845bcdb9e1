import type pg from 'pg'
import type { Violation } from './invariants.ts'

const mostTraces = 4

/** What is known about the messages that the violations name, step by step. */
export async function traceOf(
  owner: pg.Pool,
  violations: readonly Violation[],
): Promise<readonly string[]> {
  const named = violations.flatMap(({ examples }) => examples.flatMap((row) => Object.values(row)))
  const { rows } = await owner.query(
    `select distinct m.message_id from chat_messages m
     left join send_attempts s on s.message_id = m.message_id
     where m.message_id::text = any ($1) or s.attempt_id::text = any ($1)
       or s.provider_message_id = any ($1) or m.provider_message_id = any ($1)
     order by 1 limit $2`,
    [named.map(String), mostTraces],
  )
  const traces = await Promise.all(rows.map(({ message_id }) => steps(owner, message_id)))
  return traces.flat()
}

async function steps(owner: pg.Pool, messageId: string): Promise<string[]> {
  const { rows } = await owner.query(traceSql, [messageId])
  return [`message ${messageId}`, ...rows.map(({ at, what }) => `    ${at} ${what}`)]
}

const traceSql = `
select to_char(at at time zone 'UTC', 'HH24:MI:SS.MS') as at, what from (
  select m.created_at as at, concat('row: ', m.status, ' ', m.reason, ' ', m.delivery_policy,
    ' chat ', m.chat_id, ' sequence ', m.sequence, ' sendAt ', m.send_at) as what
  from chat_messages m where m.message_id = $1
  union all select a.at, concat('answer ', a.status, ' to ', a.key) from harness.l_ack a
  where a.message_id = $1
  union all select h.began_at, concat('shows ', h.became, ' ', h.reason) from harness.shown h
  where h.message_id = $1
  union all select t.began_at, concat('attempt ', t.attempt_id, ' ', t.became, ' ', t.story)
  from harness.tried t where t.message_id = $1
  union all select c.at, concat('call ', c.attempt_id, ' ', c.meant, ' accepted ', c.accepted,
    ' status ', c.status, ' ', c.wamid)
  from harness.l_call c join send_attempts s on s.attempt_id = c.attempt_id where s.message_id = $1
  union all select r.created_at, concat('report ', r.status, ' ', r.provider_message_id)
  from message_status r where r.message_id = $1
  union all select t.updated_at, concat('task ', t.type, ' ', t.state, ' ', t.reason, ' due ',
    t.due_at, ' attempts ', t.attempts, ' fence ', t.fence, ' lease ', t.lease_until)
  from tasks t where t.message_id = $1) s
order by s.at`
