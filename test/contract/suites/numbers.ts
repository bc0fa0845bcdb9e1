import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  accept,
  acceptedAs,
  apply,
  claim,
  claimOne,
  fresh,
  freshPhone,
  inbound,
  messageOf,
  type OpenWorld,
  openChat,
  report,
  type StoreWorld,
  settle,
  type WorldTenant,
  whatsapp,
} from '#test/support/stores-world.ts'

const failure = { code: 131026, reason: 'recipient-unreachable' } as const
const unreachable = { outcome: 'REJECTED', health: 'ok', ...failure } as const
/** `+55 DD 9XXXX-XXXX` without its ninth digit. */
const shortOf = (phone: string) => phone.slice(0, 5) + phone.slice(6)

/** What every MessageStore does with numbers that WhatsApp knows otherwise than we do. */
export function numbersSuite(name: string, open: OpenWorld): void {
  let world: StoreWorld
  beforeAll(async () => {
    world = await open()
  })
  afterAll(() => world.close())

  async function dialling(phone: string) {
    const tenant = await world.addTenant()
    const { chatId } = await openChat(world, tenant, { contacts: [whatsapp(phone)] })
    return { tenant, message: await accept(world, tenant, { chatId }) }
  }

  describe(`${name}: the ninth digit`, () => {
    it('a mobile that is not reachable is tried in its other spelling, at once and once', async () => {
      const phone = freshPhone()
      const { tenant, message } = await dialling(phone)
      const first = await claimOne(world, message)
      expect(first.recipient).toEqual({ phone })
      const wakes = await settle(world, first, unreachable)
      expect(wakes).toMatchObject([{ taskId: message.taskId, inSeconds: 0 }])
      expect(await settle(world, first, unreachable)).toMatchObject([{ taskId: message.taskId }])
      expect(await messageOf(world, tenant, message)).toMatchObject({ status: 'QUEUED' })
      const second = await claimOne(world, message)
      expect(second.recipient).toEqual({ phone: shortOf(phone) })
      expect(await settle(world, second, unreachable)).toEqual([])
      expect(await messageOf(world, tenant, message)).toMatchObject({
        status: 'FAILED',
        reason: 'recipient-unreachable',
        reasonCode: 131026,
      })
      expect(await claim(world, message)).toEqual([])
    })

    it('one that is known without it is tried with it', async () => {
      const phone = freshPhone()
      const { message } = await dialling(shortOf(phone))
      await settle(world, await claimOne(world, message), unreachable)
      expect((await claimOne(world, message)).recipient).toEqual({ phone })
    })

    it.each(['+551133334444', '+14155550123'])('%s has one spelling', async (phone) => {
      const { tenant, message } = await dialling(phone)
      expect(await settle(world, await claimOne(world, message), unreachable)).toEqual([])
      expect(await messageOf(world, tenant, message)).toMatchObject({ status: 'FAILED' })
    })

    it('a failure that comes by report is met the same way, and is no duplicate', async () => {
      const phone = freshPhone()
      const { tenant, message } = await dialling(phone)
      const wamids = [fresh('wamid'), fresh('wamid')] as const
      const fails = (wamid: string) =>
        apply(world, report(tenant, { wamid, status: 'FAILED', failure }))
      await settle(world, await claimOne(world, message), acceptedAs(wamids[0]))
      await fails(wamids[0])
      expect(await messageOf(world, tenant, message)).toMatchObject({ status: 'QUEUED' })
      const woken = await world.tasks.relay(1000)
      expect(woken.filter(({ tenantId }) => tenantId === tenant.tenantId)).toMatchObject([
        { type: 'MESSAGE_SEND', taskId: message.taskId },
      ])
      const second = await claimOne(world, message)
      expect(second.recipient).toEqual({ phone: shortOf(phone) })
      await settle(world, second, acceptedAs(wamids[1]))
      expect(await messageOf(world, tenant, message)).toMatchObject({
        status: 'SENT',
        possibleDuplicate: false,
      })
      await fails(wamids[1])
      expect(await messageOf(world, tenant, message)).toMatchObject({
        status: 'FAILED',
        reasonCode: 131026,
      })
      expect(await claim(world, message)).toEqual([])
    })

    it('a delivery that is told after the failure ends the second try', async () => {
      const { tenant, message } = await dialling(freshPhone())
      const wamid = fresh('wamid')
      await settle(world, await claimOne(world, message), acceptedAs(wamid))
      await apply(world, report(tenant, { wamid, status: 'FAILED', failure }))
      await apply(world, report(tenant, { wamid, status: 'DELIVERED' }))
      expect(await messageOf(world, tenant, message)).toMatchObject({ status: 'DELIVERED' })
      expect(await claim(world, message)).toEqual([])
    })

    it('nothing is tried after its time', async () => {
      const { tenant, message } = await dialling(freshPhone())
      const wamid = fresh('wamid')
      await settle(world, await claimOne(world, message), acceptedAs(wamid))
      await world.pass(world.waits.horizonSeconds + 1)
      await apply(world, report(tenant, { wamid, status: 'FAILED', failure }))
      expect(await messageOf(world, tenant, message)).toMatchObject({
        status: 'FAILED',
        reason: 'recipient-unreachable',
      })
    })
  })

  describe(`${name}: a number that the provider teaches`, () => {
    const learn = async (
      message: Awaited<ReturnType<typeof dialling>>['message'],
      learnedPhone: string,
    ) => {
      const { tenantId, taskId, attemptId, fence } = await claimOne(world, message)
      const send = { tenantId, taskId, attemptId, fence }
      const settlement = acceptedAs(fresh('wamid'))
      await world.messages.settle([{ ...send, settlement, learnedPhone }])
    }
    const chatOf = async (tenant: WorldTenant, phone: string) => {
      await apply(world, inbound(tenant, { phone }))
      return (await world.chats.list(tenant, { limit: 1, cursor: undefined })).items[0]
    }

    it('belongs to the person from then on, who is dialled as before', async () => {
      const [phone, learned] = [freshPhone(), freshPhone()]
      const { tenant, message } = await dialling(phone)
      await learn(message, learned)
      expect(await chatOf(tenant, learned)).toMatchObject({ chatId: message.chatId })
      const next = await accept(world, tenant, { chatId: message.chatId })
      expect((await claimOne(world, next)).recipient).toEqual({ phone })
    })

    it('stays with the person who has it already', async () => {
      const theirs = freshPhone()
      const { tenant, message } = await dialling(freshPhone())
      const other = await openChat(world, tenant, { contacts: [whatsapp(theirs)] })
      await learn(message, theirs)
      expect(await chatOf(tenant, theirs)).toMatchObject({ chatId: other.chatId })
    })
  })
}
