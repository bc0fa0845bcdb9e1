import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Ledger, LedgerCall, LedgerEvent } from '#infra/local/whatsapp/ledger.ts'
import { openPostgresWorld, type PostgresWorld } from '#test/support/stores.ts'
import {
  type Accepted,
  accept,
  acceptedAs,
  apply,
  claimOne,
  endWait,
  fresh,
  inbound,
  openChat,
  report,
  send,
  settle,
  type WorldTenant,
} from '#test/support/stores-world.ts'
import { installAudit } from './audit.ts'
import { brokenInvariants } from './invariants.ts'
import { type Answer, emptyLedgers, type Post } from './ledgers.ts'
import { loadLedgers } from './load-ledgers.ts'

/** A harness that sees nothing is worth nothing: each law is broken once, and named. */
describe('the invariants of the real tier', () => {
  let world: PostgresWorld
  let tenant: WorldTenant
  const ledgers = emptyLedgers()
  const posts: Post[] = []
  const calls: LedgerCall[] = []
  const events: LedgerEvent[] = []

  beforeAll(async () => {
    world = await openPostgresWorld()
    await installAudit(world.owner)
    tenant = await world.addTenant()
    await happen()
    const provider: Ledger = { cursor: 0, calls, events, pending: { reports: 0, webhooks: 0 } }
    await loadLedgers(world.owner, { ledgers, posts, provider })
  })
  afterAll(() => world.close())

  const answered = (message: Accepted) => {
    const key = fresh('key')
    posts.push({ key, chatId: message.chatId, token: '', plannedMs: 0, body: '' })
    const { messageId } = message
    const at = new Date().toISOString()
    const answer: Answer = {
      ...{ key, at, status: 202, isOtherBody: false },
      body: JSON.stringify({ messageId }),
    }
    ledgers.answers.push(answer, answer)
  }
  const called = (attemptId: string, wamid: string) =>
    calls.push({
      ...{ sequence: calls.length, attemptId, wamid, accepted: true, meant: 'plain' },
      ...{ at: new Date().toISOString(), phoneNumberId: tenant.sender.phoneNumberId },
      ...{ version: 'v26.0', to: '', type: 'text', bodyHash: '', body: {} },
      ...{ httpStatus: 200, code: undefined },
    })
  const told = (kind: LedgerEvent['kind'], wamid: string, more: Partial<LedgerEvent> = {}) =>
    events.push({
      ...{ sequence: events.length, eventId: fresh('event'), kind, wamid, answers: [] },
      ...{ at: new Date().toISOString(), phoneNumberId: tenant.sender.phoneNumberId },
      ...{ status: undefined, attemptId: undefined, acknowledged: true, abandoned: false },
      ...more,
    })

  /** Two that arrive in their order, one sent twice after a lost answer, one from a person. */
  async function happen(): Promise<void> {
    const { chatId } = await openChat(world, tenant)
    for (const statuses of [['SENT', 'DELIVERED'], ['SENT']] as const) {
      const sent = await send(world, tenant, chatId)
      answered(sent)
      called(sent.attemptId, sent.wamid)
      for (const status of statuses) {
        await apply(world, report(tenant, { ...sent, status }))
        told('status', sent.wamid, { status: status.toLowerCase(), attemptId: sent.attemptId })
      }
    }
    const doubled = await accept(world, tenant, { chatId })
    answered(doubled)
    const first = await claimOne(world, doubled)
    called(first.attemptId, fresh('wamid'))
    const [check] = await settle(world, first, { outcome: 'UNKNOWN', reason: 'timeout' })
    if (check === undefined) throw new Error('no status check was planned')
    await world.pass(world.waits.reportWaitSeconds + 1)
    for (const call of calls) Object.assign(call, { at: secondsAgo(world.waits.reportWaitSeconds) })
    await endWait(world, check)
    const second = await claimOne(world, doubled)
    const wamid = fresh('wamid')
    await settle(world, second, acceptedAs(wamid))
    called(second.attemptId, wamid)
    const written = fresh('wamid')
    await apply(world, inbound(tenant, { phone: '+5511988887777', wamid: written }))
    told('message', written)
    ledgers.forged.push('wamid.forged')
  }

  /** Broken inside a transaction that is taken back. */
  async function namesAfter(sql: string): Promise<readonly string[]> {
    const client = await world.owner.connect()
    try {
      await client.query('begin')
      await client.query(sql)
      return (await brokenInvariants(client)).map(({ invariant }) => invariant)
    } finally {
      await client.query('rollback')
      client.release()
    }
  }

  it('hold for a history in which nothing went wrong', async () => {
    expect(await brokenInvariants(world.owner)).toEqual([])
  })

  const delivered = `(select message_id from chat_messages where status = 'DELIVERED')`
  const twice = `(select message_id from chat_messages where possible_duplicate)`
  const broken: readonly (readonly [string, string, string])[] = [
    ['A', 'no 202', `delete from harness.l_ack where message_id = ${delivered}`],
    ['I1', 'left', `update chat_messages set status = 'SENDING' where message_id = ${delivered}`],
    ['I1', 'unresolved', `update chat_messages set status = 'UNKNOWN' where status = 'DELIVERED'`],
    ['I2', 'other answer', `update harness.l_ack set body = at::text || random()`],
    ['I2', 'shared message', `update harness.l_ack set message_id = ${delivered}`],
    [
      'I2',
      'other body taken',
      `insert into harness.l_ack select key, at, 202, body, message_id, true from harness.l_ack`,
    ],
    [
      'I3',
      'called twice',
      `insert into harness.l_call select turn + 9, at, attempt_id,
      phone_number_id, accepted, meant, status, wamid from harness.l_call`,
    ],
    ['I3', 'unknown attempt', `update harness.l_call set attempt_id = gen_random_uuid()`],
    [
      'I3',
      'called before the claim',
      `update send_attempts set claimed_at = now() + interval '1 h'`,
    ],
    ['I3', 'wrong sender', `update harness.l_call set phone_number_id = '1'`],
    [
      'I4',
      'begun too early',
      `update send_attempts set claimed_at = claimed_at - interval '1 day' where number = 2`,
    ],
    ['I5', 'not abandoned', `delete from harness.tried where became = 'ABANDONED'`],
    [
      'I5',
      'at-most-once',
      `update chat_messages set delivery_policy = 'at-most-once' where message_id = ${twice}`,
    ],
    ['I5', 'not flagged', `update chat_messages set possible_duplicate = false`],
    ['I6', 'not accepted', `update send_attempts set outcome = 'REJECTED'`],
    ['I6', 'shows less', `update chat_messages set status = 'SENT' where status = 'DELIVERED'`],
    ['I7', 'goes back', `update chat_messages set status = 'SENT' where status = 'DELIVERED'`],
    ['I7', 'story goes back', `update send_attempts set reported_status = 'SENT'`],
    ['I7', 'not the furthest', `update harness.l_event set status = 'READ' where status = 'SENT'`],
    ['I8', 'not stored', `delete from message_status`],
    ['I8', 'never told', `delete from harness.l_event where status = 'DELIVERED'`],
    ['I8', 'never taken', `update harness.l_event set told = false`],
    [
      'I9',
      'not stored',
      `update chat_messages set provider_message_id = 'x'
      where direction = 'INBOUND'`,
    ],
    [
      'I9',
      'forged',
      `update message_status set provider_message_id = 'wamid.forged'
      where status = 'DELIVERED'`,
    ],
    [
      'I10',
      'two chats',
      `drop index chats_one_active;
      insert into chats (tenant_id, person_id) select tenant_id, person_id from chats`,
    ],
    ['I11', 'unread', `update chats set unread_count = unread_count + 1`],
    ['I11', 'last message', `update chats set last_message_id = 0`],
    ['I12', 'claimed', `update tasks set state = 'CLAIMED'`],
    ['I12', 'due', `update tasks set state = 'PENDING', due_at = now()`],
    ['I12', 'unmatched', `update message_status set message_id = null`],
    [
      'I13',
      'not planted',
      `insert into task_failures
      (tenant_id, queue, queue_message_id, reason, body) values (0, 'q', 'm', 'unreadable', '')`,
    ],
    ['I13', 'not recorded', `insert into harness.l_planted values ('q', 'm')`],
    [
      'I21',
      'overtaken',
      `update harness.l_call set turn = 100 - turn,
      at = at - turn * interval '1 second'`,
    ],
    ['I22', 'forgotten', `delete from tasks where type = 'MESSAGE_STATUS_CHECK'`],
  ]
  it.each(broken)('name %s: %s', async (name, _, sql) => {
    expect(await namesAfter(sql)).toContain(name)
  })
})

const secondsAgo = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString()
