import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { pairBurst } from '#shared/domain/durations.ts'
import { decide } from '#shared/domain/settlement.ts'
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
  send,
  settle,
  type WorldTenant,
} from '#test/support/stores-world.ts'

/** How fast every MessageStore lets a sender send, and one pair of sender and person. */
export function pacingSuite(name: string, open: OpenWorld): void {
  describe(`${name}: pacing`, () => {
    let world: StoreWorld
    let tenant: WorldTenant

    beforeAll(async () => {
      world = await open()
    })
    afterAll(() => world.close())
    beforeEach(async () => {
      tenant = await world.addTenant()
    })

    async function inNewChats(count: number, of = tenant): Promise<readonly Accepted[]> {
      const messages: Accepted[] = []
      for (let made = 0; made < count; made += 1) {
        const { chatId } = await openChat(world, of)
        messages.push(await accept(world, of, { chatId }))
      }
      return messages
    }

    const taskIds = (sends: readonly { readonly taskId: string }[]) =>
      sends.map(({ taskId }) => taskId)

    describe('throughput', () => {
      it('lets go what fits its slots, a little ahead of them; the rest comes back', async () => {
        const slow = await world.addTenant({ senderRatePerSecond: 10 })
        const messages = await inNewChats(6, slow)
        const { sends, wakes } = await world.messages.claim(claimOf(...messages))
        // Slots at 0, 0.1 and 0.2 s; the tolerance is 0.25 s.
        expect(sends).toHaveLength(3)
        expect(wakes).toHaveLength(3)
        const all = [...taskIds(sends), ...taskIds(wakes)]
        expect(all.toSorted()).toEqual(taskIds(messages).toSorted())
      })

      it('a held send goes in its slot and takes no second one', async () => {
        const slow = await world.addTenant({ senderRatePerSecond: 0.01 })
        const [first, second, third] = await inNewChats(3, slow)
        if (first === undefined || second === undefined || third === undefined) return
        const { sends, wakes } = await world.messages.claim(claimOf(first, second, third))
        expect(taskIds(sends)).toEqual([first.taskId])
        expect(wakes).toMatchObject([
          { type: 'MESSAGE_SEND', taskId: second.taskId, inSeconds: 100 },
          { type: 'MESSAGE_SEND', taskId: third.taskId, inSeconds: 200 },
        ])
        expect(await claim(world, second)).toEqual([])
        await world.pass(101)
        expect(taskIds(await claim(world, second))).toEqual([second.taskId])
        const [next] = await inNewChats(1, slow)
        if (next === undefined) return
        // Behind the third one, at 300 s: the second took none at 300.
        await world.messages.claim(claimOf(next))
        await world.pass(150)
        expect(await claim(world, next)).toEqual([])
        await world.pass(60)
        expect(taskIds(await claim(world, next))).toEqual([next.taskId])
        expect(taskIds(await claim(world, third))).toEqual([third.taskId])
      })

      it('a wait beyond 900 s is left to the relay', async () => {
        const slow = await world.addTenant({ senderRatePerSecond: 0.001 })
        const [first, second] = await inNewChats(2, slow)
        if (first === undefined || second === undefined) return
        expect((await world.messages.claim(claimOf(first, second))).wakes).toEqual([])
        await world.pass(1001)
        expect(taskIds(await world.tasks.relay(1000))).toContain(second.taskId)
        expect(await claim(world, second)).toHaveLength(1)
      })

      it('a provider that says slow down stops the sender for as long as it asks', async () => {
        const [told, next] = await inNewChats(2)
        if (told === undefined || next === undefined) return
        const slow = { reason: 'throttled', code: 130429, health: 'slow' } as const
        const again = { outcome: 'REJECTED', retryInSeconds: 100, ...slow } as const
        await settle(world, await claimOne(world, told), again)
        expect(await claim(world, next)).toEqual([])
        await world.pass(50)
        const [later] = await inNewChats(1)
        if (later === undefined) return
        expect(await claim(world, later)).toEqual([])
        await world.pass(52)
        expect(await claim(world, told, next, later)).toHaveLength(3)
      })

      it('one sender does not slow another', async () => {
        const slow = await world.addTenant({ senderRatePerSecond: 0.001 })
        const held = await inNewChats(3, slow)
        const free = await inNewChats(3)
        const claimed = await claim(world, ...held, ...free)
        expect(taskIds(claimed).slice().sort()).toEqual([...taskIds(free), held[0]?.taskId].sort())
      })
    })

    describe('one person', () => {
      let chatId: string

      beforeEach(async () => {
        chatId = (await openChat(world, tenant)).chatId
      })

      async function many(count: number): Promise<readonly Accepted[]> {
        const messages: Accepted[] = []
        for (let made = 0; made < count; made += 1) {
          messages.push(await accept(world, tenant, { chatId }))
        }
        return messages
      }

      const took = (sends: readonly ClaimedSend[]) =>
        world.messages.settle(
          sends.map(({ tenantId, taskId, attemptId, fence }) => ({
            ...{ tenantId, taskId, attemptId, fence },
            settlement: acceptedAs(fresh('wamid')),
          })),
        )

      it(`gets ${pairBurst} at once, then one in 6 s; others are not held up`, async () => {
        const messages = await many(pairBurst + 3)
        const { sends, wakes } = await world.messages.claim(claimOf(...messages))
        expect(taskIds(sends)).toEqual(taskIds(messages.slice(0, pairBurst)))
        expect(wakes).toMatchObject([{ taskId: messages[pairBurst]?.taskId }])
        await took(sends)
        expect(await claim(world, ...(await inNewChats(1)))).toHaveLength(1)
        for (const next of messages.slice(pairBurst)) {
          await world.pass(world.waits.pairIntervalSeconds)
          const claimed = await claim(world, ...messages)
          expect(taskIds(claimed)).toEqual([next.taskId])
          await took(claimed)
        }
      })

      /** Meta's answer for this pair: the settlement of the sending code. */
      const pairLimit = (attempts: number) =>
        decide(
          { outcome: 'throttled', scope: 'pair', code: 131056 },
          { attempts, waits: world.waits, fraction: 0 },
        )

      it('is left alone for 4^n s after 131056', async () => {
        const message = await accept(world, tenant, { chatId })
        for (const attempts of [1, 2, 3, 4]) {
          const claimed = await claimOne(world, message)
          expect(claimed.attempts).toBe(attempts)
          const wakes = await settle(world, claimed, pairLimit(attempts))
          expect(wakes).toMatchObject([{ taskId: message.taskId, inSeconds: 4 ** attempts }])
          expect(await claim(world, message)).toEqual([])
          await world.pass(4 ** attempts + 1)
        }
        await settle(world, await claimOne(world, message), acceptedAs(fresh('wamid')))
        expect(await claim(world, await accept(world, tenant, { chatId }))).toHaveLength(1)
      })

      it('is left alone for longer with each message that meets it', async () => {
        for (const seconds of [4, 16, 64]) {
          const message = await accept(world, tenant, { chatId })
          await settle(world, await claimOne(world, message), pairLimit(1))
          await world.messages.cancel({ ...tenant, ...message })
          const next = await accept(world, tenant, { chatId })
          await world.pass(seconds - 2)
          expect(await claim(world, next)).toEqual([])
          await world.messages.cancel({ ...tenant, ...next })
          await world.pass(3)
        }
      })

      it('131056 silences every message to that person, and nobody else', async () => {
        const [told, next] = await many(2)
        if (told === undefined || next === undefined) return
        await settle(world, await claimOne(world, told), pairLimit(3))
        await world.messages.cancel({ ...tenant, ...told })
        expect(await claim(world, next)).toEqual([])
        // What another person's message achieves does not end it.
        await send(world, tenant, (await openChat(world, tenant)).chatId)
        await world.pass(32)
        const [more] = await many(1)
        if (more === undefined) return
        await world.messages.cancel({ ...tenant, ...next })
        expect(await claim(world, more)).toEqual([])
        await world.pass(33)
        expect(taskIds(await claim(world, more))).toEqual([more.taskId])
      })
    })
  })
}
