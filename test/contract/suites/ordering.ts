import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type Accepted,
  accept,
  acceptedAs,
  claim,
  claimOne,
  fresh,
  messageOf,
  type OpenWorld,
  openChat,
  type StoreWorld,
  settle,
  type WorldTenant,
} from '#test/support/stores-world.ts'

/** In which order every MessageStore lets the sends of a chat go. */
export function orderingSuite(name: string, open: OpenWorld): void {
  describe(`${name}: the order of a chat`, () => {
    let world: StoreWorld
    let tenant: WorldTenant
    let chatId: string
    let first: Accepted
    let second: Accepted
    let third: Accepted

    beforeAll(async () => {
      world = await open()
    })
    afterAll(() => world.close())
    // A tenant of its own for each test: breakers and paces are per sender.
    beforeEach(async () => {
      tenant = await world.addTenant()
      chatId = (await openChat(world, tenant)).chatId
      first = await accept(world, tenant, { chatId })
      second = await accept(world, tenant, { chatId })
      third = await accept(world, tenant, { chatId })
    })

    const idsOf = (rows: readonly { taskId: string }[]) => rows.map(({ taskId }) => taskId)
    const retryIn = (seconds: number) =>
      ({ outcome: 'REJECTED', reason: 'throttled', retryInSeconds: seconds }) as const

    it('lets a run go in one batch, in the order of acceptance', async () => {
      expect(idsOf(await claim(world, third, first, second))).toEqual(idsOf([first, second, third]))
    })

    it('holds a later one while an earlier one is due or under way', async () => {
      expect(await claim(world, second)).toEqual([])
      await claimOne(world, first)
      expect(await claim(world, second, third)).toEqual([])
      expect(await messageOf(world, tenant, second)).toMatchObject({ status: 'QUEUED' })
    })

    it('wakes the new head when the one before is settled', async () => {
      const claimed = await claimOne(world, first)
      const wakes = await settle(world, claimed, acceptedAs(fresh('wamid')))
      expect(idsOf(wakes)).toEqual([second.taskId])
      expect(idsOf(await claim(world, second, third))).toEqual(idsOf([second, third]))
    })

    it('goes on after one that failed for good', async () => {
      const claimed = await claimOne(world, first)
      const wakes = await settle(world, claimed, { outcome: 'REJECTED', reason: 'opted-out' })
      expect(idsOf(wakes)).toEqual([second.taskId])
    })

    it('goes on after one whose answer was lost', async () => {
      const claimed = await claimOne(world, first)
      const wakes = await settle(world, claimed, { outcome: 'UNKNOWN', reason: 'timeout' })
      expect(idsOf(wakes)).toContain(second.taskId)
      expect(idsOf(await claim(world, second))).toEqual([second.taskId])
      expect((await messageOf(world, tenant, second)).outOfOrder).toBe(false)
    })

    it('does not wait for one that is planned for later', async () => {
      const planned = await openChat(world, tenant)
      const sendAt = new Date(Date.now() + 600_000).toISOString()
      await accept(world, tenant, { chatId: planned.chatId, sendAt })
      const now = await accept(world, tenant, { chatId: planned.chatId })
      expect(idsOf(await claim(world, now))).toEqual([now.taskId])
      expect((await messageOf(world, tenant, now)).outOfOrder).toBe(false)
    })

    it('waits for one that retries, until patience ends; then passes it, flagged', async () => {
      await settle(world, await claimOne(world, first), retryIn(700))
      expect(await claim(world, second)).toEqual([])
      await world.pass(world.waits.patienceSeconds - 10)
      expect(await claim(world, second)).toEqual([])
      await world.pass(20)
      expect(idsOf(await claim(world, second))).toEqual([second.taskId])
      expect((await messageOf(world, tenant, second)).outOfOrder).toBe(true)
      expect((await messageOf(world, tenant, first)).outOfOrder).toBe(false)
    })

    it('lets the retried one go first when it is due in time', async () => {
      await settle(world, await claimOne(world, first), retryIn(5))
      await world.pass(6)
      const sends = await claim(world, first, second, third)
      expect(idsOf(sends)).toEqual(idsOf([first, second, third]))
      expect((await messageOf(world, tenant, second)).outOfOrder).toBe(false)
    })

    it('keeps chats apart', async () => {
      await claimOne(world, first)
      const other = await openChat(world, tenant)
      const elsewhere = await accept(world, tenant, { chatId: other.chatId })
      expect(idsOf(await claim(world, second, elsewhere))).toEqual([elsewhere.taskId])
    })

    it('never lets two of one chat be under way out of one batch, whoever asks', async () => {
      const claims = await Promise.all(
        [first, second, third, third, second, first].map((send) => claim(world, send)),
      )
      expect(idsOf(claims.flat())).toEqual([first.taskId])
    })

    it('brings all of a chat through when each wake-up is followed', async () => {
      const order: string[] = []
      let due = [first.taskId]
      while (due.length > 0) {
        const [taskId = ''] = due
        const claimed = await claimOne(world, { tenantId: tenant.tenantId, taskId })
        order.push(claimed.messageId)
        due = idsOf(await settle(world, claimed, acceptedAs(fresh('wamid'))))
      }
      expect(order).toEqual([first, second, third].map(({ messageId }) => messageId))
    })
  })
}
