import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { MessageContent } from '#shared/domain/content.ts'
import {
  accept,
  acceptedAs,
  apply,
  claimOne,
  day,
  endWait,
  fresh,
  messageOf,
  type OpenWorld,
  openChat,
  report,
  type StoreWorld,
  settle,
  text,
  type WorldTenant,
} from '#test/support/stores-world.ts'

const template = (ttlSeconds?: number): MessageContent => ({
  type: 'template',
  name: 'aviso_geral',
  language: 'pt_BR',
  ...(ttlSeconds !== undefined && { ttlSeconds }),
})

/** How long every store waits for delivery, and what ends the wait. */
export function deadlinesSuite(name: string, open: OpenWorld): void {
  describe(`${name}: deadlines of delivery`, () => {
    let world: StoreWorld
    let tenant: WorldTenant

    beforeAll(async () => {
      world = await open()
    })
    afterAll(() => world.close())
    beforeEach(async () => {
      tenant = await world.addTenant()
    })

    const shown = (message: { chatId: string; messageId: string }) =>
      messageOf(world, tenant, message)

    async function sent(content: MessageContent = text('Olá')) {
      const { chatId } = await openChat(world, tenant)
      const message = await accept(world, tenant, { chatId, content })
      const wamid = fresh('wamid')
      await settle(world, await claimOne(world, message), acceptedAs(wamid))
      return { ...message, wamid }
    }

    /** The checks of this tenant that the clock brings now. */
    const checks = async () =>
      (await world.tasks.relay(1000)).filter(
        ({ type, tenantId }) => type === 'MESSAGE_STATUS_CHECK' && tenantId === tenant.tenantId,
      )

    /** Its time goes by, to the end of the wait; nobody told of a delivery. */
    async function expired(content?: MessageContent) {
      const message = await sent(content)
      await world.pass(30 * day + world.waits.deliveryGraceSeconds + 1)
      for (const check of await checks()) expect(await endWait(world, check)).toEqual([])
      expect(await shown(message)).toMatchObject({
        status: 'EXPIRED',
        reason: 'no-delivery-report',
      })
      return message
    }

    it.each([
      ['a text', text('Olá'), 30 * day],
      ['a template without a time', template(), 30 * day],
      ['a template with -1', template(-1), 30 * day],
      ['a template of 60 s', template(60), 60],
      ['a template of 12 h', template(43_200), 43_200],
    ])('%s is given up when its time and the grace are over', async (_, content, seconds) => {
      const message = await sent(content)
      await world.pass(seconds + world.waits.deliveryGraceSeconds - 30)
      expect(await checks()).toEqual([])
      expect(await shown(message)).toMatchObject({ status: 'SENT' })
      await world.pass(31)
      const [check, ...others] = await checks()
      expect(others).toEqual([])
      if (check === undefined) throw new Error('no check came')
      expect(await endWait(world, check)).toEqual([])
      expect(await shown(message)).toMatchObject({
        status: 'EXPIRED',
        reason: 'no-delivery-report',
      })
    })

    it('a check that comes too early or twice changes nothing', async () => {
      const message = await sent(template(60))
      await world.pass(661)
      const [check] = await checks()
      if (check === undefined) throw new Error('no check came')
      const early = await sent(template(3600))
      await endWait(world, check)
      const once = await shown(message)
      expect(await endWait(world, check)).toEqual([])
      expect(await shown(message)).toEqual(once)
      expect(await shown(early)).toMatchObject({ status: 'SENT' })
    })

    it.each(['DELIVERED', 'READ', 'FAILED'] as const)('%s ends the wait', async (status) => {
      const { wamid, ...message } = await sent(template(60))
      await apply(world, report(tenant, { wamid, status }))
      await world.pass(700)
      expect(await checks()).toEqual([])
      expect(await shown(message)).toMatchObject({ status })
    })

    it('sent, told again, moves no deadline', async () => {
      const { wamid, ...message } = await sent(template(60))
      await world.pass(400)
      await apply(world, report(tenant, { wamid, status: 'SENT' }))
      await world.pass(270)
      for (const check of await checks()) await endWait(world, check)
      expect(await shown(message)).toMatchObject({ status: 'EXPIRED' })
    })

    it.each(['DELIVERED', 'READ'] as const)('%s after EXPIRED wins', async (status) => {
      const { wamid, ...message } = await expired()
      await apply(world, report(tenant, { wamid, status }))
      const late = await shown(message)
      expect(late).toMatchObject({ status })
      expect(late.reason).toBeUndefined()
    })

    it('a failure told after EXPIRED wins, with its reason', async () => {
      const { wamid, ...message } = await expired()
      const failure = { code: 131049, reason: 'ecosystem-limit' } as const
      await apply(world, report(tenant, { wamid, status: 'FAILED', failure }))
      expect(await shown(message)).toMatchObject({
        status: 'FAILED',
        reason: 'ecosystem-limit',
        reasonCode: 131049,
      })
    })

    it('sent, told after EXPIRED, says nothing new', async () => {
      const { wamid, ...message } = await expired()
      await apply(world, report(tenant, { wamid, status: 'SENT' }))
      expect(await shown(message)).toMatchObject({ status: 'EXPIRED' })
      await world.pass(31 * day)
      expect(await checks()).toEqual([])
    })
  })
}
