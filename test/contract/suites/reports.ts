import * as fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ReportedStatus } from '#shared/domain/channel-event.ts'
import type { RoutedEvent } from '#shared/ports/event-store.ts'
import {
  accept,
  acceptedAs,
  apply,
  claimOne,
  fresh,
  messageOf,
  type OpenWorld,
  openChat,
  report,
  type StoreWorld,
  send,
  settle,
  type WorldTenant,
} from '#test/support/stores-world.ts'

const statuses = ['SENT', 'DELIVERED', 'READ', 'FAILED'] as const
const rank: Readonly<Record<ReportedStatus, number>> = { SENT: 1, FAILED: 2, DELIVERED: 3, READ: 4 }
const failure = { code: 131049, reason: 'ecosystem-limit' } as const

/** How every EventStore joins what a provider reports. */
export function reportsSuite(name: string, open: OpenWorld): void {
  describe(`${name}: what a provider reports`, () => {
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

    const told = (wamid: string, status: ReportedStatus, attemptId?: string): RoutedEvent =>
      report(tenant, {
        wamid,
        status,
        ...(attemptId !== undefined && { attemptId }),
        ...(status === 'FAILED' && { failure }),
      })

    it('ends in the same state for any order, any copies and any batches', async () => {
      const stories = fc
        .uniqueArray(fc.constantFrom(...statuses), { minLength: 1 })
        .chain((set) =>
          fc.tuple(
            fc.constant(set),
            fc.array(fc.constantFrom(...set), { maxLength: 6 }),
            fc.infiniteStream(fc.nat()),
            fc.integer({ min: 1, max: 4 }),
            fc.boolean(),
          ),
        )
      await fc.assert(
        fc.asyncProperty(stories, async ([set, copies, luck, batchSize, echoes]) => {
          const message = await send(world, tenant, (await openChat(world, tenant)).chatId)
          const order = shuffled([...set, ...copies], luck)
          const attemptId = echoes ? message.attemptId : undefined
          let stored = 0
          for (let at = 0; at < order.length; at += batchSize) {
            const batch = order.slice(at, at + batchSize)
            const counts = await apply(
              world,
              ...batch.map((status) => told(message.wamid, status, attemptId)),
            )
            stored += counts.reportsStored
          }
          expect(stored).toBe(set.length)
          const furthest = set.toSorted((a, b) => rank[b] - rank[a])[0]
          const shown = await messageOf(world, tenant, message)
          expect(shown.status).toBe(furthest)
          expect(shown.reason).toBe(furthest === 'FAILED' ? failure.reason : undefined)
          expect(shown.possibleDuplicate).toBe(false)
        }),
        { numRuns: 60 },
      )
    })

    it('matches a report that is faster than the answer, by the attempt it echoes', async () => {
      const message = await accept(world, tenant, { chatId })
      const claimed = await claimOne(world, message)
      const wamid = fresh('wamid')
      await apply(world, told(wamid, 'DELIVERED', claimed.attemptId))
      expect(await messageOf(world, tenant, message)).toMatchObject({ status: 'DELIVERED' })
      await settle(world, claimed, acceptedAs(wamid))
      expect(await messageOf(world, tenant, message)).toMatchObject({
        status: 'DELIVERED',
        possibleDuplicate: false,
      })
      await apply(world, told(wamid, 'READ'))
      expect(await messageOf(world, tenant, message)).toMatchObject({ status: 'READ' })
    })

    it('keeps a report that echoes nothing until its message is known', async () => {
      const message = await accept(world, tenant, { chatId })
      const claimed = await claimOne(world, message)
      const wamid = fresh('wamid')
      await apply(world, told(wamid, 'READ'), told(wamid, 'SENT'))
      expect(await messageOf(world, tenant, message)).toMatchObject({ status: 'SENDING' })
      await settle(world, claimed, acceptedAs(wamid))
      expect(await messageOf(world, tenant, message)).toMatchObject({ status: 'READ' })
    })

    it('shows why a report says FAILED, until a later one knows better', async () => {
      const message = await send(world, tenant, chatId)
      await apply(world, told(message.wamid, 'FAILED'))
      expect(await messageOf(world, tenant, message)).toMatchObject({
        status: 'FAILED',
        reason: 'ecosystem-limit',
        reasonCode: 131049,
      })
      await apply(world, told(message.wamid, 'DELIVERED'))
      const shown = await messageOf(world, tenant, message)
      expect(shown.status).toBe('DELIVERED')
      expect(shown.reason).toBeUndefined()
      expect(shown.reasonCode).toBeUndefined()
    })

    it('records a failure after delivery and does not apply it', async () => {
      const message = await send(world, tenant, chatId)
      await apply(world, told(message.wamid, 'DELIVERED'))
      expect(await apply(world, told(message.wamid, 'FAILED'))).toMatchObject({ reportsStored: 1 })
      const shown = await messageOf(world, tenant, message)
      expect(shown.status).toBe('DELIVERED')
      expect(shown.reason).toBeUndefined()
    })

    it('does not let a copy move the time of the status', async () => {
      const message = await send(world, tenant, chatId)
      await apply(world, told(message.wamid, 'READ'))
      const before = await messageOf(world, tenant, message)
      await apply(world, told(message.wamid, 'READ'), told(message.wamid, 'DELIVERED'))
      expect(await messageOf(world, tenant, message)).toEqual(before)
    })

    it("leaves another tenant's message alone, by id and by attempt", async () => {
      const message = await send(world, tenant, chatId)
      const other = await world.addTenant()
      const { wamid, attemptId } = message
      await apply(
        world,
        report(other, { wamid, status: 'READ' }),
        report(other, { wamid: fresh('wamid'), status: 'READ', attemptId }),
      )
      expect(await messageOf(world, tenant, message)).toMatchObject({ status: 'SENT' })
    })

    it('gives an attempt one provider id: a second one that claims it waits', async () => {
      const message = await accept(world, tenant, { chatId })
      const claimed = await claimOne(world, message)
      await settle(world, claimed, { outcome: 'UNKNOWN', reason: 'timeout' })
      const { attemptId } = claimed
      await apply(
        world,
        told(fresh('wamid'), 'SENT', attemptId),
        told(fresh('wamid'), 'FAILED', attemptId),
      )
      const { status } = await messageOf(world, tenant, message)
      expect(['SENT', 'FAILED']).toContain(status)
      await apply(world, told(fresh('wamid'), 'READ', attemptId))
      expect(await messageOf(world, tenant, message)).toMatchObject({ status })
    })

    it('crossing batches of the same messages end complete', async () => {
      const messages = await Promise.all(
        Array.from({ length: 10 }, async () =>
          send(world, tenant, (await openChat(world, tenant)).chatId),
        ),
      )
      const reports = messages.flatMap(({ wamid, attemptId }) =>
        (['SENT', 'DELIVERED', 'READ'] as const).map((status) => told(wamid, status, attemptId)),
      )
      const counts = await Promise.all(
        [reports, reports.toReversed(), reports, reports.toReversed()].map((batch) =>
          apply(world, ...batch),
        ),
      )
      expect(counts.reduce((sum, { reportsStored }) => sum + reportsStored, 0)).toBe(30)
      const shown = await Promise.all(messages.map((each) => messageOf(world, tenant, each)))
      expect(shown.every(({ status }) => status === 'READ')).toBe(true)
    })
  })
}

function shuffled<T>(items: readonly T[], luck: Iterable<number>): readonly T[] {
  const numbers = luck[Symbol.iterator]()
  return items
    .map((item) => ({ item, place: Number(numbers.next().value) }))
    .sort((one, other) => one.place - other.place)
    .map(({ item }) => item)
}
