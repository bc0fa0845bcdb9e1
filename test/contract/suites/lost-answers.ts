import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { DeliveryPolicy } from '#shared/domain/message.ts'
import {
  accept,
  acceptedAs,
  apply,
  claim,
  claimOne,
  endWait,
  fresh,
  messageOf,
  type OpenWorld,
  openChat,
  report,
  type StoreWorld,
  settle,
  type WorldTenant,
} from '#test/support/stores-world.ts'

/** What becomes of sends whose answer was lost: reports first, then the policy, late truth last. */
export function lostAnswersSuite(name: string, open: OpenWorld): void {
  describe(`${name}: lost answers`, () => {
    let world: StoreWorld
    let tenant: WorldTenant
    let chatId: string

    beforeAll(async () => {
      world = await open()
    })
    afterAll(() => world.close())
    // A tenant of its own for each test: breakers and paces are per sender.
    beforeEach(async () => {
      tenant = await world.addTenant()
      chatId = (await openChat(world, tenant)).chatId
    })

    const shown = (message: { chatId: string; messageId: string }) =>
      messageOf(world, tenant, message)
    const lost = { outcome: 'UNKNOWN', reason: 'timeout' } as const

    async function unknown(deliveryPolicy: DeliveryPolicy = 'at-least-once', expiresAt?: string) {
      const message = await accept(world, tenant, { chatId, deliveryPolicy, expiresAt })
      const attempt = await claimOne(world, message)
      const wakes = await settle(world, attempt, lost)
      const check = wakes.find(({ type }) => type === 'MESSAGE_STATUS_CHECK')
      if (check === undefined) throw new Error('no status check was planned')
      return { message, attempt, check }
    }

    /** The wait is over and nobody told anything: the policy decides. */
    async function abandoned() {
      const { message, attempt, check } = await unknown()
      await world.pass(world.waits.reportWaitSeconds + 1)
      expect(await endWait(world, check)).toMatchObject([
        { type: 'MESSAGE_SEND', taskId: message.taskId, inSeconds: 0 },
      ])
      return { message, attempt }
    }

    /** The sender died: its lease ran out and the relay saw it. */
    async function leaseExpired() {
      const message = await accept(world, tenant, { chatId })
      const attempt = await claimOne(world, message)
      await world.pass(world.waits.leaseSeconds + 1)
      await world.tasks.relay(1000)
      return { message, attempt }
    }

    it('shows UNKNOWN with the way it was lost, and plans one check', async () => {
      const { message, attempt, check } = await unknown()
      expect(check.inSeconds).toBe(world.waits.reportWaitSeconds)
      const once = await shown(message)
      expect(once).toMatchObject({ status: 'UNKNOWN', reason: 'timeout' })
      expect(await settle(world, attempt, lost)).toMatchObject([{ taskId: check.taskId }])
      expect(await shown(message)).toEqual(once)
      expect(await claim(world, message)).toEqual([])
    })

    it('is not sent again before the wait is over', async () => {
      const { message, check } = await unknown()
      await world.pass(world.waits.reportWaitSeconds - 30)
      expect(await endWait(world, check)).toEqual([])
      expect(await shown(message)).toMatchObject({ status: 'UNKNOWN' })
      expect(await claim(world, message)).toEqual([])
    })

    it('at-least-once: sends it again, flagged as a possible duplicate', async () => {
      const { message, attempt } = await abandoned()
      expect(await shown(message)).toMatchObject({ status: 'QUEUED', possibleDuplicate: true })
      const second = await claimOne(world, message)
      expect(second).toMatchObject({ attempts: 2 })
      expect(BigInt(second.fence)).toBeGreaterThan(BigInt(attempt.fence))
      await settle(world, second, acceptedAs(fresh('wamid')))
      expect(await shown(message)).toMatchObject({ status: 'SENT', possibleDuplicate: true })
    })

    it('a check that is repeated does not send a third time', async () => {
      const { message, check } = await unknown()
      await world.pass(world.waits.reportWaitSeconds + 1)
      await Promise.all([1, 2, 3].map(() => endWait(world, check)))
      await settle(world, await claimOne(world, message), acceptedAs(fresh('wamid')))
      expect(await endWait(world, check)).toEqual([])
      expect(await claim(world, message)).toEqual([])
    })

    it('at-most-once: stays UNKNOWN for good, and late truth still wins', async () => {
      const { message, attempt, check } = await unknown('at-most-once')
      await world.pass(world.waits.reportWaitSeconds + 1)
      expect(await endWait(world, check)).toEqual([])
      expect(await shown(message)).toMatchObject({ status: 'UNKNOWN', reason: 'unresolved' })
      expect(await claim(world, message)).toEqual([])
      const { attemptId } = attempt
      await apply(world, report(tenant, { wamid: fresh('wamid'), status: 'DELIVERED', attemptId }))
      const told = await shown(message)
      expect(told).toMatchObject({ status: 'DELIVERED', possibleDuplicate: false })
      expect(told.reason).toBeUndefined()
    })

    it('stays UNKNOWN for good when its time is over before its wait', async () => {
      const expiresAt = new Date(Date.now() + 60_000).toISOString()
      const { message, check } = await unknown('at-least-once', expiresAt)
      await world.pass(world.waits.reportWaitSeconds + 1)
      expect(await endWait(world, check)).toEqual([])
      expect(await shown(message)).toMatchObject({ status: 'UNKNOWN', reason: 'unresolved' })
    })

    it('is resolved by a report that echoes the attempt', async () => {
      const { message, attempt, check } = await unknown()
      const wamid = fresh('wamid')
      const { attemptId } = attempt
      await apply(world, report(tenant, { wamid, status: 'SENT', attemptId }))
      expect(await shown(message)).toMatchObject({ status: 'SENT', possibleDuplicate: false })
      await world.pass(world.waits.reportWaitSeconds + 1)
      expect(await endWait(world, check)).toEqual([])
      expect(await claim(world, message)).toEqual([])
      await apply(world, report(tenant, { wamid, status: 'READ' }))
      expect(await shown(message)).toMatchObject({ status: 'READ' })
    })

    it('a report of failure ends it as FAILED, not sent again', async () => {
      const { message, attempt, check } = await unknown()
      const failure = { code: 131049, reason: 'ecosystem-limit' } as const
      const { attemptId } = attempt
      await apply(
        world,
        report(tenant, { wamid: fresh('w'), status: 'FAILED', attemptId, failure }),
      )
      expect(await shown(message)).toMatchObject({
        status: 'FAILED',
        reason: 'ecosystem-limit',
        reasonCode: 131049,
      })
      await world.pass(world.waits.reportWaitSeconds + 1)
      expect(await endWait(world, check)).toEqual([])
      expect(await claim(world, message)).toEqual([])
    })

    it('a late report stops the second send', async () => {
      const { message, attempt } = await abandoned()
      const { attemptId } = attempt
      await apply(world, report(tenant, { wamid: fresh('wamid'), status: 'DELIVERED', attemptId }))
      expect(await claim(world, message)).toEqual([])
      expect(await shown(message)).toMatchObject({ status: 'DELIVERED' })
    })

    it('a report that comes during the second send is shown; the second one too', async () => {
      const { message, attempt } = await abandoned()
      const second = await claimOne(world, message)
      const { attemptId } = attempt
      await apply(world, report(tenant, { wamid: fresh('wamid'), status: 'READ', attemptId }))
      await settle(world, second, { outcome: 'REJECTED', reason: 'throttled', retryInSeconds: 1 })
      await world.pass(2)
      expect(await claim(world, message)).toEqual([])
      expect(await shown(message)).toMatchObject({ status: 'READ' })
    })

    it('a lease that ran out shows UNKNOWN and is not sent again at once', async () => {
      const { message } = await leaseExpired()
      expect(await shown(message)).toMatchObject({ status: 'UNKNOWN', reason: 'lease-expired' })
      expect(await claim(world, message)).toEqual([])
    })

    it('a lease that still runs is left alone', async () => {
      const message = await accept(world, tenant, { chatId })
      const attempt = await claimOne(world, message)
      await world.pass(world.waits.leaseSeconds - 5)
      await world.tasks.relay(1000)
      expect(await shown(message)).toMatchObject({ status: 'SENDING' })
      await settle(world, attempt, acceptedAs(fresh('wamid')))
      expect(await shown(message)).toMatchObject({ status: 'SENT' })
    })

    it('an answer that is booked after the lease counts: accepted', async () => {
      const { message, attempt } = await leaseExpired()
      const wamid = fresh('wamid')
      await settle(world, attempt, acceptedAs(wamid))
      expect(await shown(message)).toMatchObject({ status: 'SENT', possibleDuplicate: false })
      await apply(world, report(tenant, { wamid, status: 'DELIVERED' }))
      expect(await shown(message)).toMatchObject({ status: 'DELIVERED' })
    })

    it('an answer that is booked after the lease counts: rejected', async () => {
      const { message, attempt } = await leaseExpired()
      await settle(world, attempt, { outcome: 'REJECTED', reason: 'opted-out' })
      expect(await shown(message)).toMatchObject({ status: 'FAILED', reason: 'opted-out' })
      expect(await claim(world, message)).toEqual([])
    })

    it('an answer to an abandoned attempt that was taken stops the second send', async () => {
      const { message, attempt } = await abandoned()
      await settle(world, attempt, acceptedAs(fresh('wamid')))
      expect(await claim(world, message)).toEqual([])
      expect(await shown(message)).toMatchObject({ status: 'SENT' })
    })

    it('an old fence moves nothing of a newer attempt', async () => {
      const { message, attempt } = await abandoned()
      const second = await claimOne(world, message)
      await settle(world, attempt, { outcome: 'REJECTED', reason: 'throttled', retryInSeconds: 0 })
      expect(await shown(message)).toMatchObject({ status: 'SENDING' })
      expect(await claim(world, message)).toEqual([])
      await settle(world, second, acceptedAs(fresh('wamid')))
      expect(await shown(message)).toMatchObject({ status: 'SENT' })
      expect(await claim(world, message)).toEqual([])
    })

    it('both attempts arrived: the furthest is shown, the duplicate is known', async () => {
      const { message, attempt } = await abandoned()
      const second = await claimOne(world, message)
      const [early, late] = [fresh('wamid'), fresh('wamid')]
      await settle(world, second, acceptedAs(late))
      const { attemptId } = attempt
      await apply(world, report(tenant, { wamid: early, status: 'DELIVERED', attemptId }))
      await apply(world, report(tenant, { wamid: late, status: 'FAILED' }))
      expect(await shown(message)).toMatchObject({ status: 'DELIVERED', possibleDuplicate: true })
    })
  })
}
