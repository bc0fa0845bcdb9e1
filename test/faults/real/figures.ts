import type pg from 'pg'
import type { Ledger } from '#infra/local/whatsapp/ledger.ts'
import type { Ledgers } from './ledgers.ts'
import type { World } from './world.ts'

export type Figures = Readonly<Record<string, number | string>>

/** What the run did, for people to read: it breaks nothing by being large or small. */
export async function figuresOf(
  world: World,
  ledgers: Ledgers,
  provider: Ledger,
): Promise<Figures> {
  const { fleet, queues, webhooks, dataApi } = world
  const accepted = provider.calls.filter(({ accepted }) => accepted)
  return {
    ...(await storedFigures(world.owner)),
    'answers a client did not get': ledgers.answers.filter(({ status }) => status === undefined)
      .length,
    'answers of 5xx': ledgers.answers.filter(({ status = 0 }) => status >= 500).length,
    'provider calls': provider.calls.length,
    'accepted by the provider': accepted.length,
    'accepted, answer lost': accepted.filter(({ meant = '' }) => /after-accept|slow/.test(meant))
      .length,
    'updates told by webhook': provider.events.length,
    'webhook posts': webhooks.counts.posts,
    'webhook copies': webhooks.counts.copies,
    'webhook copies refused or lost': webhooks.counts.refused,
    'compute processes killed': fleet.counts.kills,
    'compute processes paused': fleet.counts.pauses,
    'queue entries refused': queues.counts.refused,
    'wake-ups lost': queues.counts.lost,
    'queue entries doubled': queues.counts.twice,
    'queue entries delayed': queues.counts.late,
    'queue answers lost': queues.counts.answerLost,
    'database calls': dataApi.calls().length,
    'bodies no code can read': ledgers.planted.length,
  }
}

async function storedFigures(owner: pg.Pool): Promise<Figures> {
  const { rows } = await owner.query(`
    with accepted as (
      select s.message_id, count(*) as times from harness.l_call c
      join send_attempts s on s.attempt_id = c.attempt_id where c.accepted group by 1)
    select
      (select count(*)::int from chat_messages where direction = 'OUTBOUND') as "lives outbound",
      (select count(*)::int from chat_messages where direction = 'INBOUND') as "lives inbound",
      (select string_agg(concat(status, ' ', n), ', ' order by n desc) from (
        select status, count(*) as n from chat_messages where direction = 'OUTBOUND' group by 1) s)
        as "statuses",
      (select count(*)::int from send_attempts) as "attempts",
      (select count(distinct attempt_id)::int from harness.tried where became = 'UNKNOWN')
        as "attempts in doubt",
      (select count(distinct attempt_id)::int from harness.tried where became = 'ABANDONED')
        as "attempts abandoned",
      (select coalesce(sum(times - 1), 0)::int from accepted where times > 1) as "duplicates",
      (select count(*)::int from task_failures where reason = 'not-processed')
        as "wake-ups given up by SQS",
      (select count(*)::int from chat_messages where possible_duplicate)
        as "flagged as possible duplicate",
      (select count(*)::int from chat_messages where out_of_order) as "flagged as out of order"`)
  return rows[0]
}
