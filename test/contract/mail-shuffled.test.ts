import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  hardly,
  hasBounced,
  hasComplained,
  type MailWorld,
  openMailWorld,
  type SentMail,
  softly,
  wasClicked,
  wasDelayed,
  wasDelivered,
  wasOpened,
  wasSent,
} from '#test/support/mail-world.ts'
import { openChat, type WorldTenant } from '#test/support/stores-world.ts'

const mailCount = 1000
const mailsOfAnAddress = 4
const batchSize = 500
/** A fixed seed: a failure comes again. */
const seed = 20_261_125

/** What SES told of 1,000 mails, in order: 10,000 events. */
type Story = (mail: SentMail, at: (step: number) => string) => readonly object[]

const opens = (mail: SentMail, at: (step: number) => string, count: number) =>
  Array.from({ length: count }, (_, index) => wasOpened(mail, at(20 + index)))

/** Ten events each, by the number of the mail. */
const stories: readonly Story[] = [
  (mail, at) => [
    ...[wasSent(mail), wasDelayed(mail), wasDelivered(mail, { at: at(2) }), wasClicked(mail)],
    ...opens(mail, at, 6),
  ],
  (mail, at) => [
    ...[wasSent(mail), wasDelivered(mail, { at: at(1) }), hasBounced(mail, hardly, { at: at(2) })],
    ...opens(mail, at, 7),
  ],
  (mail, at) => [
    ...[wasSent(mail), wasDelayed(mail), hasBounced(mail, softly, { at: at(1) })],
    ...opens(mail, at, 7),
  ],
  (mail, at) => [
    ...[wasSent(mail), hasBounced(mail, softly, { at: at(1) }), wasDelivered(mail, { at: at(2) })],
    ...opens(mail, at, 7),
  ],
  (mail, at) => [
    ...[wasSent(mail), wasDelivered(mail, { at: at(1) }), hasComplained(mail), wasClicked(mail)],
    ...opens(mail, at, 6),
  ],
]

describe('10,000 events of mails', () => {
  let world: MailWorld
  beforeAll(async () => {
    world = await openMailWorld()
  })
  afterAll(() => world.close())

  /** Mails of one tenant that SES took, without the calls that make each: rows alone. */
  async function takenMails(tenant: WorldTenant): Promise<readonly SentMail[]> {
    const { chatId } = await openChat(world, tenant, {
      contacts: [{ channel: 'EMAIL', address: 'ana@cliente.com.br' }],
    })
    await world.owner.query(takenMailsSql, [tenant.tenantId, chatId, mailCount])
    const { rows } = await world.owner.query(
      `select m.message_id::text as "messageId", t.task_id::text as "taskId",
         a.attempt_id::text as "attemptId", a.provider_message_id as "providerMessageId"
       from chat_messages m join tasks t using (tenant_id, message_id)
       join send_attempts a using (tenant_id, message_id)
       where m.tenant_id = $1 order by m.sequence`,
      [tenant.tenantId],
    )
    return rows.map((row, index) => ({
      ...row,
      ...{ tenantId: tenant.tenantId, chatId },
      address: `pessoa${Math.floor(index / mailsOfAnAddress)}@cliente.com.br`,
    }))
  }

  const toldOf = (mails: readonly SentMail[]) => {
    const begin = Date.UTC(2026, 10, 23, 12)
    return mails.flatMap((mail, index) => {
      const at = (step: number) => new Date(begin + (index * 100 + step) * 1000).toISOString()
      // Of some addresses all mails tell the same, of others each something else.
      const address = Math.floor(index / mailsOfAnAddress)
      const story = stories[(address * 7 + (index % 4) * (address % 4)) % stories.length]
      return story?.(mail, at) ?? []
    })
  }

  async function tellAll(events: readonly object[]): Promise<number> {
    let calls = 0
    for (let from = 0; from < events.length; from += batchSize) {
      world.endpoint.resetCalls()
      await world.tell(...events.slice(from, from + batchSize))
      const made = world.endpoint.calls().filter(({ sql }) => !sql.includes("'kind', 'tenant'"))
      calls += made.length
    }
    return calls
  }

  /** Everything that events may move, by names that are the same for every tenant. */
  async function stateOf(tenant: WorldTenant) {
    const rows = async (sql: string) => (await world.owner.query(sql, [tenant.tenantId])).rows
    return {
      messages: await rows(
        `select sequence, status, reason, possible_duplicate from chat_messages
         where tenant_id = $1 order by sequence`,
      ),
      attempts: await rows(
        `select m.sequence, a.outcome, a.reported_status, a.reason from send_attempts a
         join chat_messages m using (tenant_id, message_id) where a.tenant_id = $1 order by 1`,
      ),
      statuses: await rows(
        `select m.sequence, s.status, s.reason, s.occurred_at, s.suppress from message_status s
         join chat_messages m using (tenant_id, message_id)
         where s.tenant_id = $1 order by 1, 2`,
      ),
      suppressions: (
        await world.suppressions.list(tenant, { limit: 1000, cursor: undefined, filter: {} })
      ).items
        .map(({ address, reason, source }) => ({ address, reason, source }))
        .sort((one, other) => one.address.localeCompare(other.address)),
    }
  }

  it('end the same in triple and shuffled as once in order', async () => {
    const [inOrder, shuffled] = [await world.addMailTenant(), await world.addMailTenant()]
    const events = toldOf(await takenMails(inOrder))
    expect(events).toHaveLength(10_000)
    const startedAt = performance.now()
    expect(await tellAll(events)).toBe(20)
    const onceMs = performance.now() - startedAt
    const copies = toldOf(await takenMails(shuffled)).flatMap((event) => [event, event, event])
    expect(await tellAll(shuffle(copies))).toBe(60)
    const tripleMs = performance.now() - startedAt - onceMs
    const [expected, seen] = [await stateOf(inOrder), await stateOf(shuffled)]
    expect(seen).toEqual(expected)
    process.stdout.write(
      `10,000 events in order: ${Math.round(onceMs)} ms; 30,000 shuffled: ${Math.round(tripleMs)} ms\n`,
    )
    // The stories say something: each end occurs.
    const shown = new Set(expected.messages.map(({ status, reason }) => `${status} ${reason}`))
    expect([...shown].sort()).toEqual([
      ...['DELIVERED null', 'FAILED hard-bounce', 'FAILED mailbox-full'],
    ])
    const reasons = new Set(expected.suppressions.map(({ reason }) => reason))
    expect([...reasons].sort()).toEqual(['complaint', 'hard-bounce', 'soft-bounces'])
  }, 180_000)

  it('end the same when batches cross', async () => {
    const [inOrder, crossing] = [await world.addMailTenant(), await world.addMailTenant()]
    const part = (mails: readonly SentMail[]) => mails.slice(0, 60)
    await tellAll(toldOf(part(await takenMails(inOrder))))
    const events = toldOf(part(await takenMails(crossing)))
    const lanes = [shuffle(events), events.toReversed(), events, shuffle(events)]
    await Promise.all(
      lanes.map(async (lane) => {
        for (let from = 0; from < lane.length; from += 50) {
          await world.tell(...lane.slice(from, from + 50))
        }
      }),
    )
    expect(await stateOf(crossing)).toEqual(await stateOf(inOrder))
  })
})

const takenMailsSql = `with made as (
    insert into chat_messages (tenant_id, chat_id, sequence, direction, channel, contact_id,
      sender_id, content_type, row_token, status, expires_at)
    select r.tenant_id, $2, number, 'OUTBOUND', 'EMAIL', r.contact_id, r.sender_id, 'email',
      gen_random_uuid(), 'SENT', now() + interval '1 day'
    from generate_series(1, $3::int) number
    join chats c on c.tenant_id = $1 and c.chat_id = $2
    join send_routes r on r.tenant_id = c.tenant_id and r.person_id = c.person_id
      and r.channel = 'EMAIL'
    returning tenant_id, message_id, sequence
  ), sends as (
    insert into tasks (tenant_id, type, message_id, chat_id, channel, sequence, state, due_at)
    select tenant_id, 'MESSAGE_SEND', message_id, $2, 'EMAIL', sequence, 'DONE', now() from made
    returning tenant_id, message_id, task_id, sequence
  )
  insert into send_attempts (tenant_id, attempt_id, message_id, task_id, channel, number, fence,
    outcome, provider_message_id)
  select tenant_id, gen_random_uuid(), message_id, task_id, 'EMAIL', 1, 1, 'ACCEPTED',
    '0103-' || tenant_id || '-' || sequence
  from sends`

/** Fisher and Yates, with numbers of mulberry32. */
function shuffle<T>(items: readonly T[]): readonly T[] {
  const mixed = [...items]
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mix = Math.imul(state ^ (state >>> 15), 1 | state)
    mix = (mix + Math.imul(mix ^ (mix >>> 7), 61 | mix)) ^ mix
    return ((mix ^ (mix >>> 14)) >>> 0) / 2 ** 32
  }
  for (let last = mixed.length - 1; last > 0; last -= 1) {
    const other = Math.floor(next() * (last + 1))
    const kept = mixed[last] as T
    mixed[last] = mixed[other] as T
    mixed[other] = kept
  }
  return mixed
}
