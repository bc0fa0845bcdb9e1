import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Settlement } from '#shared/domain/settlement.ts'
import type { ClaimedSend } from '#shared/ports/message-store.ts'
import {
  type Accepted,
  accept,
  acceptedAs,
  claim,
  claimOf,
  claimOne,
  fresh,
  type OpenWorld,
  openChat,
  type StoreWorld,
  type WorldTenant,
} from '#test/support/stores-world.ts'

const unavailable: Settlement = {
  outcome: 'REJECTED',
  reason: 'provider-unavailable',
  code: 2,
  health: 'failing',
  retryInSeconds: 1,
}
const unknown: Settlement = { outcome: 'UNKNOWN', reason: 'timeout', health: 'failing' }
const broken: Settlement = {
  outcome: 'REJECTED',
  reason: 'sender-token',
  code: 190,
  health: 'broken',
  retryInSeconds: 300,
}
const taken = (): Settlement => ({ ...acceptedAs(fresh('wamid')), health: 'ok' })

/** When every MessageStore stops a sender that fails, and how it finds back. */
export function breakerSuite(name: string, open: OpenWorld): void {
  describe(`${name}: the breaker of a sender`, () => {
    let world: StoreWorld
    let tenant: WorldTenant

    beforeAll(async () => {
      world = await open()
    })
    afterAll(() => world.close())
    beforeEach(async () => {
      tenant = await world.addTenant()
    })

    async function next(of = tenant): Promise<Accepted> {
      const { chatId } = await openChat(world, of)
      return accept(world, of, { chatId })
    }

    async function book(claimed: ClaimedSend, settlement: Settlement) {
      const { tenantId, taskId, attemptId, fence } = claimed
      const settled = [{ tenantId, taskId, attemptId, fence, settlement }]
      return (await world.messages.settle(settled)).openedBreakers
    }

    const attempt = async (settlement: Settlement) =>
      book(await claimOne(world, await next()), settlement)

    /** A new message is let through, and is under way afterwards. */
    const lets = async (of = tenant) => (await claim(world, await next(of))).length === 1

    async function opened(): Promise<void> {
      for (const settlement of [unavailable, unknown, unavailable, unknown]) {
        expect(await attempt(settlement)).toEqual([])
      }
      expect(await attempt(unavailable)).toEqual([
        {
          tenantId: tenant.tenantId,
          senderId: tenant.senderId,
          reason: 'provider-unavailable',
          code: 2,
        },
      ])
    }

    it('opens with the fifth failure in a row, for its own sender only', async () => {
      const other = await world.addTenant()
      await opened()
      const held = await next()
      const { sends, wakes } = await world.messages.claim(claimOf(held))
      expect(sends).toEqual([])
      expect(wakes).toMatchObject([{ type: 'MESSAGE_SEND', taskId: held.taskId }])
      expect(await lets(other)).toBe(true)
    })

    it('an answer in between starts the count again', async () => {
      const refused: Settlement = { outcome: 'REJECTED', reason: 'opted-out', health: 'ok' }
      for (const answered of [taken(), refused]) {
        for (let failures = 0; failures < 4; failures += 1) await attempt(unavailable)
        await attempt(answered)
      }
      expect(await lets()).toBe(true)
    })

    it('counts a settlement that is repeated once', async () => {
      for (const settlement of [unavailable, unknown, unavailable, unknown]) {
        const claimed = await claimOne(world, await next())
        for (let times = 0; times < 3; times += 1) {
          expect(await book(claimed, settlement)).toEqual([])
        }
      }
      expect(await lets()).toBe(true)
      const last = await claimOne(world, await next())
      expect(await book(last, unavailable)).toHaveLength(1)
      expect(await book(last, unavailable)).toEqual([])
    })

    it('is told once, however many fail while it is open', async () => {
      const underWay = await Promise.all(
        Array.from({ length: 8 }, async () => claimOne(world, await next())),
      )
      const told = []
      for (const claimed of underWay) told.push(...(await book(claimed, unavailable)))
      expect(told).toHaveLength(1)
    })

    it('past its time lets one probe through and holds the others', async () => {
      await opened()
      await world.pass(world.waits.breakerOpenSeconds + 1)
      const waiting = [await next(), await next(), await next()]
      const { sends, wakes } = await world.messages.claim(claimOf(...waiting))
      expect(sends).toHaveLength(1)
      expect(wakes).toHaveLength(2)
      expect(await lets()).toBe(false)
      const [probe] = sends
      if (probe === undefined) return
      await book(probe, taken())
      // They look again soon, not only when the probe's time would have been over: it is closed.
      for (const { inSeconds } of wakes) {
        expect(inSeconds).toBeLessThanOrEqual(world.waits.breakerOpenSeconds + 1)
      }
      await world.pass(world.waits.breakerOpenSeconds + 1)
      expect(await claim(world, ...waiting)).toHaveLength(2)
    })

    it('gives one of many claimers at once the probe', async () => {
      await opened()
      await world.pass(world.waits.breakerOpenSeconds + 1)
      const waiting = await Promise.all(Array.from({ length: 8 }, () => next()))
      const claims = await Promise.all(waiting.map((message) => claim(world, message)))
      expect(claims.flat()).toHaveLength(1)
    })

    it('what its own pace holds back does not spend the probe', async () => {
      await opened()
      const { chatId } = await openChat(world, tenant)
      const told = await accept(world, tenant, { chatId })
      await world.pass(world.waits.breakerOpenSeconds + 1)
      const pair: Settlement = { outcome: 'REJECTED', health: 'pair', retryInSeconds: 64 }
      await book(await claimOne(world, told), pair)
      await opened()
      await world.pass(world.waits.breakerOpenSeconds + 1)
      expect(await claim(world, told, await accept(world, tenant, { chatId }))).toEqual([])
      expect(await lets()).toBe(true)
    })

    it('a probe that never comes back makes room for another after its lease', async () => {
      await opened()
      await world.pass(world.waits.breakerOpenSeconds + 1)
      expect(await lets()).toBe(true)
      await world.pass(world.waits.leaseSeconds / 2)
      expect(await lets()).toBe(false)
      await world.pass(world.waits.leaseSeconds / 2 + 1)
      expect(await lets()).toBe(true)
    })

    it('opens for twice as long with each probe that fails, up to 60 s', async () => {
      await opened()
      for (const seconds of [5, 10, 20, 40, 60, 60]) {
        await world.pass(seconds / 2)
        expect(await lets()).toBe(false)
        await world.pass(seconds / 2 + 1)
        expect(await attempt(unavailable)).toEqual([])
      }
      await world.pass(61)
      await attempt(taken())
      // Closed again, it begins with the shortest wait.
      await opened()
      await world.pass(world.waits.breakerOpenSeconds + 1)
      expect(await lets()).toBe(true)
    })

    it('what was under way when it opened may close it', async () => {
      const underWay = await claimOne(world, await next())
      await opened()
      expect(await lets()).toBe(false)
      await book(underWay, taken())
      await world.pass(world.waits.breakerOpenSeconds + 1)
      expect(await claim(world, await next(), await next())).toHaveLength(2)
    })

    it('what is ours to fix opens it at once for 300 s and burns no attempt', async () => {
      const message = await next()
      const first = await claimOne(world, message)
      expect(await book(first, broken)).toMatchObject([{ reason: 'sender-token', code: 190 }])
      for (let probes = 0; probes < 3; probes += 1) {
        await world.pass(150)
        expect(await lets()).toBe(false)
        await world.pass(151)
        const again = await claimOne(world, message)
        expect(again.attempts).toBe(1)
        expect(await book(again, broken)).toEqual([])
      }
    })

    it('other failures count their attempts', async () => {
      const message = await next()
      for (const attempts of [1, 2, 3]) {
        const claimed = await claimOne(world, message)
        expect(claimed.attempts).toBe(attempts)
        await book(claimed, unavailable)
        await world.pass(2)
      }
    })
  })
}
