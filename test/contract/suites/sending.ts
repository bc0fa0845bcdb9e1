import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  accept,
  acceptedAs,
  apply,
  claim,
  claimOf,
  claimOne,
  fresh,
  messageOf,
  type OpenWorld,
  openChat,
  report,
  type StoreWorld,
  send,
  settle,
  text,
  type WorldTenant,
  whatsapp,
} from '#test/support/stores-world.ts'

/** What every MessageStore does with claims, leases, fences and outcomes of one send. */
export function sendingSuite(name: string, open: OpenWorld): void {
  describe(`${name}: claiming and settling`, () => {
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

    it('hands over all that a send needs, and shows SENDING', async () => {
      const phone = '+5511912345678'
      const ana = await openChat(world, tenant, { contacts: [whatsapp(phone)] })
      const content = text('Olá, Ana! ✓')
      const message = await accept(world, tenant, { chatId: ana.chatId, content })
      const request = claimOf(message)
      expect((await world.messages.claim(request)).sends).toMatchObject([
        {
          tenantId: tenant.tenantId,
          taskId: message.taskId,
          messageId: message.messageId,
          attemptId: request.sends[0]?.attemptId,
          attempts: 1,
          chatId: ana.chatId,
          channel: 'WHATSAPP',
          content,
          recipient: { phone },
          sender: { phoneNumberId: tenant.sender.phoneNumberId, secretName: 'secret' },
        },
      ])
      expect(await shown(message)).toMatchObject({ status: 'SENDING' })
    })

    it('gives a repeated claim the same rows, and another claimer none', async () => {
      const message = await accept(world, tenant, { chatId })
      const request = claimOf(message)
      const first = await world.messages.claim(request)
      expect((await world.messages.claim(request)).sends).toEqual(first.sends)
      expect(await claim(world, message)).toEqual([])
      expect(first.sends[0]?.attempts).toBe(1)
    })

    it('lets one of 20 claimers at once have a task', async () => {
      const message = await accept(world, tenant, { chatId })
      const claims = await Promise.all(Array.from({ length: 20 }, () => claim(world, message)))
      // A lock held elsewhere makes a claimer pass; it must never make two go.
      expect(claims.flat()).toHaveLength(1)
    })

    it('finds nothing for a task that does not exist or belongs to somebody else', async () => {
      const message = await accept(world, tenant, { chatId })
      const other = await world.addTenant()
      expect(await claim(world, { tenantId: tenant.tenantId, taskId: '999999999' })).toEqual([])
      expect(await claim(world, { ...message, tenantId: other.tenantId })).toEqual([])
      expect(await shown(message)).toMatchObject({ status: 'QUEUED' })
    })

    it('shows SENT once the provider took it; settling again changes nothing', async () => {
      const message = await accept(world, tenant, { chatId })
      const claimed = await claimOne(world, message)
      const wamid = fresh('wamid')
      await settle(world, claimed, { ...acceptedAs(wamid), held: true })
      const once = await shown(message)
      expect(once).toMatchObject({ status: 'SENT', held: true })
      expect(once.reason).toBeUndefined()
      expect(await settle(world, claimed, { ...acceptedAs(wamid), held: true })).toEqual([])
      expect(await shown(message)).toEqual(once)
      expect(await claim(world, message)).toEqual([])
    })

    it('shows FAILED with reason and code for a rejected send', async () => {
      const message = await accept(world, tenant, { chatId })
      const claimed = await claimOne(world, message)
      const refusal = {
        outcome: 'REJECTED',
        reason: 'ecosystem-limit',
        code: 131049,
      } as const
      await settle(world, claimed, refusal)
      const once = await shown(message)
      expect(once).toMatchObject({
        status: 'FAILED',
        reason: 'ecosystem-limit',
        reasonCode: 131049,
      })
      await settle(world, claimed, refusal)
      expect(await shown(message)).toEqual(once)
      expect(await claim(world, message)).toEqual([])
    })

    it.each(['REJECTED', 'NOT_CALLED'] as const)(
      'tries %s again when it is due',
      async (outcome) => {
        const message = await accept(world, tenant, { chatId })
        const first = await claimOne(world, message)
        const retry = { outcome, reason: 'throttled', retryInSeconds: 30 }
        const wakes = await settle(world, first, retry)
        expect(wakes).toMatchObject([
          { type: 'MESSAGE_SEND', taskId: message.taskId, inSeconds: 30 },
        ])
        expect(await shown(message)).toMatchObject({ status: 'QUEUED', reason: 'throttled' })
        // A lost answer makes the caller settle again: the same wake-up, no other attempt.
        expect(await settle(world, first, retry)).toMatchObject([{ taskId: message.taskId }])
        expect(await claim(world, message)).toEqual([])
        await world.pass(31)
        const second = await claimOne(world, message)
        expect(BigInt(second.fence)).toBeGreaterThan(BigInt(first.fence))
        expect(second.attemptId).not.toBe(first.attemptId)
        await settle(world, second, acceptedAs(fresh('wamid')))
        const sent = await shown(message)
        expect(sent).toMatchObject({ status: 'SENT', possibleDuplicate: false })
        expect(sent.reason).toBeUndefined()
      },
    )

    it('leaves a wake-up beyond 900 s to the relay', async () => {
      const message = await accept(world, tenant, { chatId })
      const claimed = await claimOne(world, message)
      const later = { outcome: 'REJECTED', reason: 'sender-token', retryInSeconds: 1000 } as const
      expect(await settle(world, claimed, later)).toEqual([])
      await world.pass(1001)
      const woken = await world.tasks.relay(1000)
      expect(woken.filter(({ taskId }) => taskId === message.taskId)).toHaveLength(1)
    })

    it('ends what is not accepted in time as FAILED(expired)', async () => {
      const expiresAt = new Date(Date.now() + 60_000).toISOString()
      const [never, retried] = [
        await accept(world, tenant, { chatId, expiresAt }),
        await accept(world, tenant, { chatId: (await openChat(world, tenant)).chatId, expiresAt }),
      ]
      const claimed = await claimOne(world, retried)
      await settle(world, claimed, { outcome: 'REJECTED', reason: 'throttled', retryInSeconds: 5 })
      await world.pass(61)
      expect(await claim(world, never, retried)).toEqual([])
      expect(await shown(never)).toMatchObject({ status: 'FAILED', reason: 'expired' })
      expect(await shown(retried)).toMatchObject({ status: 'FAILED', reason: 'expired' })
    })

    it('gives up after the horizon when the message names no end', async () => {
      const message = await accept(world, tenant, { chatId })
      await world.pass(world.waits.horizonSeconds + 1)
      expect(await claim(world, message)).toEqual([])
      expect(await shown(message)).toMatchObject({ status: 'FAILED', reason: 'expired' })
    })

    it('does not take the id of an attempt for another one', async () => {
      const first = await send(world, tenant, chatId)
      const second = await accept(world, tenant, { chatId })
      await settle(world, await claimOne(world, second), acceptedAs(first.wamid))
      expect(await shown(second)).toMatchObject({ status: 'SENT' })
      await apply(world, report(tenant, { wamid: first.wamid, status: 'READ' }))
      expect(await shown(first)).toMatchObject({ status: 'READ' })
      expect(await shown(second)).toMatchObject({ status: 'SENT' })
    })

    it('settles a batch of many chats in one call', async () => {
      const chats = await Promise.all(Array.from({ length: 10 }, () => openChat(world, tenant)))
      const messages = await Promise.all(
        chats.map((chat) => accept(world, tenant, { chatId: chat.chatId })),
      )
      const claimed = await claim(world, ...messages)
      expect(claimed).toHaveLength(10)
      await world.messages.settle(
        claimed.map(({ tenantId, taskId, attemptId, fence }, index) => ({
          tenantId,
          taskId,
          attemptId,
          fence,
          settlement:
            index % 2 === 0
              ? acceptedAs(fresh('wamid'))
              : { outcome: 'REJECTED' as const, reason: 'opted-out' },
        })),
      )
      const statuses = await Promise.all(messages.map(async (each) => (await shown(each)).status))
      expect(statuses.filter((status) => status === 'SENT')).toHaveLength(5)
      expect(statuses.filter((status) => status === 'FAILED')).toHaveLength(5)
    })
  })
}
