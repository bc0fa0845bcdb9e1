import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type BillingWorld,
  installmentEvent,
  movementEvent,
  openBillingWorld,
  someChat,
} from '#test/support/billing-world.ts'
import {
  type Accepted,
  accept,
  acceptedAs,
  claim,
  claimOf,
  claimOne,
  settle,
  type WorldTenant,
} from '#test/support/stores-world.ts'

const decision = { status: 'OPEN', dueOn: '2026-12-10', balanceCents: 10_000 }

interface ChangeRow {
  readonly change: string
  readonly event: () => Parameters<BillingWorld['tell']>[1]
  readonly reason: string
  readonly race: string
}

const updated = (version: number, more: object) =>
  installmentEvent('i', { movementId: 'm', type: 'installment.updated', version, ...more })

const changes: readonly ChangeRow[] = [
  {
    change: 'was paid',
    event: () => installmentEvent('i', { movementId: 'm', type: 'installment.paid', version: 2 }),
    reason: 'installment-paid',
    race: 'paid-while-sending',
  },
  {
    change: 'was cancelled',
    event: () =>
      installmentEvent('i', { movementId: 'm', type: 'installment.cancelled', version: 2 }),
    reason: 'installment-cancelled',
    race: 'cancelled-while-sending',
  },
  {
    change: 'was renegotiated',
    event: () => updated(2, { status: 'RENEGOTIATED' }),
    reason: 'installment-renegotiated',
    race: 'renegotiated-while-sending',
  },
  {
    change: 'is due on another day',
    event: () => updated(2, { dueOn: '2026-12-20' }),
    reason: 'installment-moved',
    race: 'moved-while-sending',
  },
  {
    change: 'was paid in part',
    event: () => updated(2, { balanceCents: 4_000 }),
    reason: 'installment-changed',
    race: 'changed-while-sending',
  },
  {
    change: 'lost its movement',
    event: () => movementEvent('m', { type: 'movement.cancelled', version: 2 }),
    reason: 'installment-cancelled',
    race: 'cancelled-while-sending',
  },
]

describe('a message about a debt', () => {
  let world: BillingWorld
  let tenant: WorldTenant
  let chatId: string
  beforeAll(async () => {
    world = await openBillingWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
    chatId = (await someChat(world, tenant)).chatId
    await world.tell(tenant, movementEvent('m'), installmentEvent('i', { movementId: 'm' }))
  })

  const remind = () => world.remind(tenant, chatId, { installmentId: 'i', decision })
  const stored = async ({ messageId }: Accepted) => {
    const { rows } = await world.owner.query(
      `select m.status, m.reason, m.decision ->> 'race' as race, t.state, t.reason as task_reason
       from chat_messages m join tasks t using (tenant_id, message_id)
       where m.message_id = $1 and t.type = 'MESSAGE_SEND'`,
      [messageId],
    )
    return rows[0]
  }
  /** What becomes true while nobody cancels: as when the message was accepted a moment later. */
  const changedBefore = async (row: ChangeRow) => {
    await world.tell(tenant, row.event())
    return remind()
  }

  it.each(changes)('is cancelled with the event when it $change', async ({ event, reason }) => {
    const message = await remind()
    const next = await accept(world, tenant, { chatId })
    world.wakes.length = 0
    world.signalled.length = 0
    expect(await world.tell(tenant, event())).toMatchObject({ cancelled: 1, raced: 0, woken: 1 })
    expect(await stored(message)).toMatchObject({ status: 'CANCELLED', reason, state: 'CANCELLED' })
    expect(world.wakes.map(({ taskId }) => taskId)).toEqual([next.taskId])
    expect(world.signalled).toContain(tenant.tenantId)
    const { rows } = await world.owner.query(
      `select type from events where message_id = $1 order by event_id desc limit 1`,
      [message.messageId],
    )
    expect(rows).toEqual([{ type: 'message.cancelled' }])
  })

  it.each(changes)('is cancelled at the claim when it $change before', async (row) => {
    const message = await changedBefore(row)
    const next = await accept(world, tenant, { chatId })
    const claimed = await world.messages.claim(claimOf(message))
    expect(claimed.sends).toEqual([])
    expect(claimed.ended).toMatchObject([{ taskId: message.taskId, reason: row.reason }])
    expect(claimed.wakes.map(({ taskId }) => taskId)).toEqual([next.taskId])
    expect(await stored(message)).toMatchObject({
      ...{ status: 'CANCELLED', reason: row.reason },
      ...{ state: 'CANCELLED', task_reason: row.reason },
    })
    expect(await claim(world, message)).toEqual([])
    expect(await claim(world, next)).toHaveLength(1)
  })

  it.each(changes)('that is being sent when it $change says so', async ({ event, race }) => {
    const message = await remind()
    const claimed = await claimOne(world, message)
    expect(await world.tell(tenant, event())).toMatchObject({ cancelled: 0, raced: 1 })
    expect(await stored(message)).toMatchObject({ status: 'SENDING', race, state: 'CLAIMED' })
    await settle(world, claimed, acceptedAs('wamid-1'))
    expect(await stored(message)).toMatchObject({ status: 'SENT', race, state: 'DONE' })
  })

  it('that lost the race and must be tried again is cancelled by its next claim', async () => {
    const message = await remind()
    const claimed = await claimOne(world, message)
    await world.tell(
      tenant,
      installmentEvent('i', { movementId: 'm', type: 'installment.paid', version: 2 }),
    )
    const throttled = { outcome: 'REJECTED', reason: 'throttled', retryInSeconds: 0 } as const
    await settle(world, claimed, throttled)
    expect(await claim(world, message)).toEqual([])
    expect(await stored(message)).toMatchObject({
      ...{ status: 'CANCELLED', reason: 'installment-paid', race: null },
    })
  })

  it('goes while the debt stands, whatever else changes of it', async () => {
    const message = await remind()
    const links = { paymentLink: 'https://pagar.exemplo.com.br/1' }
    expect(await world.tell(tenant, updated(2, links))).toMatchObject({ applied: 1, cancelled: 0 })
    expect(await claim(world, message)).toHaveLength(1)
  })

  it('of another installment, or of none, is left alone', async () => {
    const other = await world.remind(tenant, chatId, { installmentId: 'unknown-here', decision })
    const plain = await accept(world, tenant, { chatId })
    await world.tell(tenant, changes[0]?.event() ?? {})
    expect(await stored(other)).toMatchObject({ status: 'QUEUED' })
    expect(await claim(world, other, plain)).toHaveLength(2)
  })

  it('that thanks for a payment goes once it is paid, and not once it is open again', async () => {
    await world.tell(
      tenant,
      installmentEvent('i', { movementId: 'm', type: 'installment.paid', version: 2 }),
    )
    const thanks = { installmentId: 'i', decision: { status: 'PAID' } }
    const first = await world.remind(tenant, chatId, thanks)
    const second = await world.remind(tenant, chatId, thanks)
    expect(await claim(world, first)).toHaveLength(1)
    await world.tell(tenant, updated(3, { status: 'OPEN' }))
    expect(await stored(second)).toMatchObject({
      ...{ status: 'CANCELLED', reason: 'installment-changed' },
    })
  })

  it('that may have arrived stays unknown instead', async () => {
    const message = await remind()
    const claimed = await claimOne(world, message)
    await settle(world, claimed, { outcome: 'UNKNOWN', reason: 'timeout' })
    await world.owner.query(
      `update send_attempts set outcome = 'ABANDONED' where attempt_id = $1`,
      [claimed.attemptId],
    )
    await world.owner.query(`update tasks set state = 'PENDING' where task_id = $1`, [
      message.taskId,
    ])
    await world.tell(tenant, changes[0]?.event() ?? {})
    expect(await stored(message)).toMatchObject({ status: 'UNKNOWN', reason: 'unresolved' })
  })

  it('ends CANCELLED, not FAILED, when the finance system says so within the lease', async () => {
    const message = await remind()
    const next = await accept(world, tenant, { chatId })
    const claimed = await claimOne(world, message)
    const wakes = await settle(world, claimed, {
      ...{ outcome: 'NOT_CALLED', reason: 'installment-paid' },
    })
    expect(wakes.map(({ taskId }) => taskId)).toContain(next.taskId)
    expect(await stored(message)).toMatchObject({
      ...{ status: 'CANCELLED', reason: 'installment-paid', state: 'CANCELLED' },
    })
  })

  it('is never both claimed and cancelled, however close the two come', async () => {
    const paid = (id: string) =>
      installmentEvent(id, { type: 'installment.paid', version: 2, movementId: 'm' })
    const ids = Array.from({ length: 12 }, (_, index) => `race-${index}`)
    await world.tell(tenant, ...ids.map((id) => installmentEvent(id, { movementId: 'm' })))
    const messages = await Promise.all(
      ids.map(async (installmentId) => {
        const chat = await someChat(world, tenant)
        return world.remind(tenant, chat.chatId, { installmentId, decision })
      }),
    )
    const [claims] = await Promise.all([
      Promise.all(messages.map((message) => claim(world, message))),
      Promise.all(ids.map((id) => world.tell(tenant, paid(id)))),
    ])
    const ends = await Promise.all(messages.map(stored))
    for (const [index, end] of ends.entries()) {
      const wasClaimed = (claims[index]?.length ?? 0) > 0
      if (wasClaimed) {
        expect(end).toMatchObject({
          status: 'SENDING',
          state: 'CLAIMED',
          race: 'paid-while-sending',
        })
      } else {
        expect(end).toMatchObject({ status: 'CANCELLED', state: 'CANCELLED', race: null })
      }
    }
    expect(ends).toHaveLength(12)
  })
})
