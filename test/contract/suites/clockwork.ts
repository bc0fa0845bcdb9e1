import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  accept,
  acceptedAs,
  claim,
  claimOne,
  endWait,
  fresh,
  messageOf,
  type OpenWorld,
  openChat,
  type StoreWorld,
  settle,
  type WorldTenant,
} from '#test/support/stores-world.ts'

/** What every TaskStore wakes, and what it leaves alone. */
export function clockworkSuite(name: string, open: OpenWorld): void {
  describe(`${name}: the relay`, () => {
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

    const relay = async (limit = 1000, { tenantId } = tenant) =>
      (await world.tasks.relay(limit)).filter((wake) => wake.tenantId === tenantId)
    const stale = () => world.pass(world.waits.staleSeconds + 1)

    it('leaves what was just woken, brings back what was lost, once', async () => {
      const message = await accept(world, tenant, { chatId })
      expect(await relay()).toEqual([])
      await stale()
      expect(await relay()).toEqual([
        { type: 'MESSAGE_SEND', tenantId: tenant.tenantId, taskId: message.taskId, inSeconds: 0 },
      ])
      expect(await relay()).toEqual([])
      await stale()
      expect(await relay()).toHaveLength(1)
    })

    it('gives one wake-up to one of many relays at once', async () => {
      await accept(world, tenant, { chatId })
      await stale()
      const all = await Promise.all(Array.from({ length: 6 }, () => relay()))
      expect(all.flat()).toHaveLength(1)
    })

    it('wakes the head of a chat, not what waits behind it', async () => {
      const first = await accept(world, tenant, { chatId })
      await accept(world, tenant, { chatId })
      await stale()
      expect(await relay()).toMatchObject([{ taskId: first.taskId }])
      await claimOne(world, first)
      expect(await relay()).toEqual([])
    })

    it('leaves what is planned, claimed or done', async () => {
      const sendAt = new Date(Date.now() + 3_600_000).toISOString()
      await world.messages.accept({
        tenantId: tenant.tenantId,
        clientId: tenant.clientId,
        chatId: (await openChat(world, tenant)).chatId,
        request: { route: 'r', key: fresh('key'), body: '' },
        channel: 'WHATSAPP',
        content: { type: 'text', text: 'Depois' },
        sendAt,
      })
      const done = await claimOne(world, await accept(world, tenant, { chatId }))
      await settle(world, done, acceptedAs(fresh('wamid')))
      await stale()
      const claimed = await accept(world, tenant, { chatId })
      await claimOne(world, claimed)
      expect(await relay()).toEqual([])
    })

    it('turns an expired lease into UNKNOWN and plans its check', async () => {
      const message = await accept(world, tenant, { chatId })
      await claimOne(world, message)
      await world.pass(world.waits.leaseSeconds + 1)
      await relay()
      expect(await messageOf(world, tenant, message)).toMatchObject({ status: 'UNKNOWN' })
      await world.pass(world.waits.reportWaitSeconds + world.waits.staleSeconds + 1)
      const [check] = await relay()
      expect(check).toMatchObject({ type: 'MESSAGE_STATUS_CHECK' })
      if (check === undefined) return
      expect(await endWait(world, check)).toMatchObject([{ taskId: message.taskId }])
      expect(await claim(world, message)).toHaveLength(1)
    })

    it('wakes what waits behind a lease that ran out', async () => {
      const first = await accept(world, tenant, { chatId })
      const second = await accept(world, tenant, { chatId })
      await claimOne(world, first)
      await world.pass(world.waits.leaseSeconds + world.waits.staleSeconds + 1)
      expect((await relay()).map(({ taskId }) => taskId)).toContain(second.taskId)
      expect(await claim(world, second)).toHaveLength(1)
    })

    it('wakes no more per sender than its rate allows in a period', async () => {
      const slow = await world.addTenant({ senderRatePerSecond: 0.1 })
      const chats = await Promise.all(Array.from({ length: 10 }, () => openChat(world, slow)))
      await Promise.all(chats.map((chat) => accept(world, slow, { chatId: chat.chatId })))
      await accept(world, tenant, { chatId })
      await stale()
      const wakes = await world.tasks.relay(1000)
      const most = world.waits.relayPeriodSeconds * 0.1
      expect(wakes.filter(({ tenantId }) => tenantId === slow.tenantId)).toHaveLength(most)
      expect(wakes.filter(({ tenantId }) => tenantId === tenant.tenantId)).toHaveLength(1)
    })

    it('wakes no more than it was asked for, the rest next time', async () => {
      const alone = await open()
      const many = await alone.addTenant()
      const chats = await Promise.all(Array.from({ length: 7 }, () => openChat(alone, many)))
      await Promise.all(chats.map((chat) => accept(alone, many, { chatId: chat.chatId })))
      await alone.pass(alone.waits.staleSeconds + 1)
      const counts: number[] = []
      for (const limit of [3, 3, 3]) counts.push((await alone.tasks.relay(limit)).length)
      expect(counts).toEqual([3, 3, 1])
      await alone.close()
    })
  })
}
