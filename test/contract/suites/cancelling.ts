import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  accept,
  acceptedAs,
  claim,
  claimOne,
  day,
  fresh,
  messageOf,
  type OpenWorld,
  openChat,
  type StoreWorld,
  send,
  settle,
  type WorldTenant,
  wish,
} from '#test/support/stores-world.ts'

/** What every MessageStore cancels, and what that frees. */
export function cancellingSuite(name: string, open: OpenWorld): void {
  describe(`${name}: cancelling`, () => {
    let world: StoreWorld
    let tenant: WorldTenant
    let chatId: string

    beforeAll(async () => {
      world = await open()
    })
    afterAll(() => world.close())
    beforeEach(async () => {
      tenant = await world.addTenant()
      chatId = (await openChat(world, tenant)).chatId
    })

    const shown = (message: { chatId: string; messageId: string }) =>
      messageOf(world, tenant, message)
    const relay = async () =>
      (await world.tasks.relay(1000)).filter(({ tenantId }) => tenantId === tenant.tenantId)
    const refused = (code: string) => ({ outcome: 'refused', code, retryAfterSeconds: 0 })

    it('ends what nobody claimed, and does so once', async () => {
      const message = await accept(world, tenant, { chatId })
      expect(await world.messages.cancel({ ...tenant, ...message })).toEqual({
        outcome: 'cancelled',
        wakes: [],
      })
      const once = await shown(message)
      expect(once).toMatchObject({ status: 'CANCELLED' })
      expect(await world.messages.cancel({ ...tenant, ...message })).toEqual({
        outcome: 'cancelled',
        wakes: [],
      })
      expect(await shown(message)).toEqual(once)
      expect(await claim(world, message)).toEqual([])
      await world.pass(world.waits.horizonSeconds + 1)
      expect(await relay()).toEqual([])
      expect(await claim(world, message)).toEqual([])
      expect(await shown(message)).toMatchObject({ status: 'CANCELLED' })
    })

    it('wakes what waited behind it', async () => {
      const first = await accept(world, tenant, { chatId })
      const second = await accept(world, tenant, { chatId })
      const third = await accept(world, tenant, { chatId })
      expect(await claim(world, second)).toEqual([])
      expect(await world.messages.cancel({ ...tenant, ...first })).toMatchObject({
        wakes: [{ type: 'MESSAGE_SEND', taskId: second.taskId, inSeconds: 0 }],
      })
      expect(await claim(world, second)).toHaveLength(1)
      // Not the head: the lane is as busy as before.
      expect(await world.messages.cancel({ ...tenant, ...third })).toEqual({
        outcome: 'cancelled',
        wakes: [],
      })
    })

    it('a second cancellation tells again whom to wake: the first answer may be lost', async () => {
      const first = await accept(world, tenant, { chatId })
      const second = await accept(world, tenant, { chatId })
      for (let times = 0; times < 2; times += 1) {
        expect(await world.messages.cancel({ ...tenant, ...first })).toMatchObject({
          wakes: [{ taskId: second.taskId }],
        })
      }
    })

    it('refuses what was claimed, sent or lost its answer', async () => {
      const claimed = await accept(world, tenant, { chatId })
      const attempt = await claimOne(world, claimed)
      expect(await world.messages.cancel({ ...tenant, ...claimed })).toEqual(
        refused('message-claimed'),
      )
      await settle(world, attempt, { outcome: 'UNKNOWN', reason: 'timeout' })
      expect(await world.messages.cancel({ ...tenant, ...claimed })).toEqual(
        refused('message-claimed'),
      )
      expect(await shown(claimed)).toMatchObject({ status: 'UNKNOWN' })
      const sent = await send(world, tenant, chatId)
      expect(await world.messages.cancel({ ...tenant, ...sent })).toEqual(
        refused('message-claimed'),
      )
      expect(await shown(sent)).toMatchObject({ status: 'SENT' })
    })

    it('ends what waits for its next try', async () => {
      const message = await accept(world, tenant, { chatId })
      const retry = { outcome: 'REJECTED', reason: 'throttled', retryInSeconds: 5 } as const
      await settle(world, await claimOne(world, message), retry)
      expect(await world.messages.cancel({ ...tenant, ...message })).toMatchObject({
        outcome: 'cancelled',
      })
      const cancelled = await shown(message)
      expect(cancelled).toMatchObject({ status: 'CANCELLED' })
      expect(cancelled.reason).toBeUndefined()
      await world.pass(6)
      expect(await claim(world, message)).toEqual([])
    })

    it('a planned message that is cancelled never goes', async () => {
      const sendAt = new Date(Date.now() + day * 1000).toISOString()
      const answer = await world.messages.accept(wish(tenant, chatId, { sendAt }))
      if (answer.outcome === 'refused') throw new Error(answer.code)
      const { messageId } = answer
      const planned = { tenantId: tenant.tenantId, chatId, messageId }
      expect(await world.messages.cancel({ ...tenant, ...planned })).toMatchObject({
        outcome: 'cancelled',
      })
      await world.pass(day + 1)
      expect(await relay()).toEqual([])
      expect(await shown(planned)).toMatchObject({ status: 'CANCELLED' })
    })

    it('knows no message of another chat, another tenant or nobody', async () => {
      const message = await accept(world, tenant, { chatId })
      const other = await world.addTenant()
      const elsewhere = (await openChat(world, tenant)).chatId
      for (const wrong of [
        { ...message, ...other },
        { ...message, chatId: elsewhere },
        { ...message, messageId: '999999999' },
      ]) {
        expect(await world.messages.cancel({ ...tenant, ...wrong })).toEqual(
          refused('message-not-found'),
        )
      }
      expect(await shown(message)).toMatchObject({ status: 'QUEUED' })
    })

    async function claimedAndCancelledAtOnce() {
      const own = (await openChat(world, tenant)).chatId
      const message = await accept(world, tenant, { chatId: own })
      const [claimed, { outcome }] = await Promise.all([
        claim(world, message),
        world.messages.cancel({ ...tenant, ...message }),
      ])
      for (const attempt of claimed) await settle(world, attempt, acceptedAs(fresh('wamid')))
      return { sent: claimed.length, outcome, status: (await shown(message)).status }
    }

    it('goes one way or the other when a claim comes at the same moment', async () => {
      for (let times = 0; times < 10; times += 1) {
        expect([
          { sent: 0, outcome: 'cancelled', status: 'CANCELLED' },
          { sent: 1, outcome: 'refused', status: 'SENT' },
        ]).toContainEqual(await claimedAndCancelledAtOnce())
      }
    })
  })
}
