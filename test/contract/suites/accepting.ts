import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { AcceptMessage } from '#shared/ports/message-store.ts'
import {
  accept,
  acceptedOf,
  claim,
  day,
  fresh,
  messageOf,
  type OpenWorld,
  openChat,
  type StoreWorld,
  text,
  thread,
  type WorldTenant,
  wish,
} from '#test/support/stores-world.ts'

/** What every MessageStore does with a message that it is asked to accept. */
export function acceptingSuite(name: string, open: OpenWorld): void {
  describe(`${name}: accepting a message`, () => {
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

    const ask = (more?: Partial<AcceptMessage>) =>
      world.messages.accept({ ...wish(tenant, chatId), ...more })
    const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString()

    it('shows it as QUEUED, moves the chat and says whom to wake', async () => {
      const answer = await ask()
      expect(answer).toMatchObject({
        outcome: 'accepted',
        wake: { type: 'MESSAGE_SEND', tenantId: tenant.tenantId, inSeconds: 0 },
      })
      const { messageId } = acceptedOf(answer)
      expect(await thread(world, tenant, chatId)).toMatchObject([
        {
          messageId,
          chatId,
          sequence: '1',
          direction: 'OUTBOUND',
          status: 'QUEUED',
          content: text('Olá'),
          deliveryPolicy: 'at-least-once',
          possibleDuplicate: false,
        },
      ])
      expect(await world.chats.get(tenant, chatId)).toMatchObject({
        lastMessageId: messageId,
        unreadCount: 0,
      })
    })

    describe('refuses and stores nothing', () => {
      const refused = async (code: string, more?: Partial<AcceptMessage>) => {
        const command = { ...wish(tenant, chatId), ...more }
        expect(await world.messages.accept(command)).toMatchObject({ outcome: 'refused', code })
        expect(await thread(world, tenant, chatId)).toEqual([])
        // The key of a refused request stays free.
        const mended = { ...wish(tenant, chatId), request: command.request }
        expect(await world.messages.accept(mended)).toMatchObject({ outcome: 'accepted' })
      }

      it('an unknown client', () => refused('client-unknown', { clientId: '999999999' }))

      it('a disabled client', async () => {
        const clientId = await world.addClient(tenant.tenantId)
        await world.disableClient(tenant.tenantId, clientId)
        await refused('client-unknown', { clientId })
      })

      it('a client of another tenant', async () => {
        const { clientId } = await world.addTenant()
        await refused('client-unknown', { clientId })
      })

      it('a chat that does not exist', () => refused('chat-not-found', { chatId: '999999999' }))

      it("another tenant's chat", async () => {
        const other = await world.addTenant()
        const theirs = await openChat(world, other)
        await refused('chat-not-found', { chatId: theirs.chatId })
        expect(await thread(world, other, theirs.chatId)).toEqual([])
      })

      it.each(['CLOSED', 'ARCHIVED'] as const)('a chat that is %s', async (status) => {
        await world.setChatStatus(tenant.tenantId, chatId, status)
        expect(await ask()).toMatchObject({ outcome: 'refused', code: 'chat-closed' })
        expect(await thread(world, tenant, chatId)).toEqual([])
      })

      it('a person without a contact on the channel', async () => {
        const mailed = await openChat(world, tenant, {
          contacts: [{ channel: 'EMAIL', address: `${fresh('ana')}@example.com` }],
        })
        await refused('contact-missing', { chatId: mailed.chatId })
      })

      it('a tenant without a sender', async () => {
        const mute = await world.addTenant({ hasSender: false })
        const theirs = await openChat(world, mute)
        const command = wish(mute, theirs.chatId)
        expect(await world.messages.accept(command)).toMatchObject({ code: 'sender-missing' })
        expect(await thread(world, mute, theirs.chatId)).toEqual([])
      })

      it('what expires before now', () => refused('send-too-late', { expiresAt: inSeconds(-1) }))

      it('what expires before it may be sent', () =>
        refused('send-too-late', { sendAt: inSeconds(600), expiresAt: inSeconds(599) }))
    })

    it('takes a token for each request, and gives them back with time', async () => {
      const clientId = await world.addClient(tenant.tenantId, { ratePerSecond: 0.5, burst: 2 })
      expect(await ask({ clientId })).toMatchObject({ outcome: 'accepted' })
      expect(await ask({ clientId })).toMatchObject({ outcome: 'accepted' })
      const third = await ask({ clientId })
      expect(third).toMatchObject({ outcome: 'refused', code: 'rate-limited' })
      const wait = third.outcome === 'refused' ? third.retryAfterSeconds : undefined
      expect(wait).toBeGreaterThan(0)
      expect(wait).toBeLessThanOrEqual(2)
      await world.pass(60)
      const later = await Promise.all([1, 2, 3].map(() => ask({ clientId })))
      expect(later.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(2)
      expect(await thread(world, tenant, chatId)).toHaveLength(4)
    })

    describe('with a key', () => {
      it('answers 50 identical requests at once with one message, told to wake once', async () => {
        const command = wish(tenant, chatId)
        const answers = await Promise.all(
          Array.from({ length: 50 }, () => world.messages.accept(command)),
        )
        const told = answers.map((answer) => ({ ...answer, wake: undefined }))
        expect(new Set(told.map((answer) => JSON.stringify(answer))).size).toBe(1)
        expect(told[0]?.outcome).toBe('accepted')
        expect(answers.filter((answer) => 'wake' in answer && answer.wake)).toHaveLength(1)
        expect(await thread(world, tenant, chatId)).toHaveLength(1)
      })

      it('refuses another body under the same key', async () => {
        const { request } = wish(tenant, chatId)
        await ask({ request })
        const other = await ask({ request: { ...request, body: '{"other":true}' } })
        expect(other).toMatchObject({ outcome: 'refused', code: 'idempotency-key-mismatch' })
        expect(await thread(world, tenant, chatId)).toHaveLength(1)
      })

      it('repeats its answer also when the chat was closed since', async () => {
        const { request } = wish(tenant, chatId)
        const first = acceptedOf(await ask({ request }))
        await world.setChatStatus(tenant.tenantId, chatId, 'CLOSED')
        expect(await ask({ request })).toMatchObject({
          outcome: 'accepted',
          messageId: first.messageId,
        })
      })

      it('keeps apart clients, tenants and routes', async () => {
        const { request } = wish(tenant, chatId)
        const clientId = await world.addClient(tenant.tenantId)
        const other = await world.addTenant()
        const theirs = await openChat(world, other)
        const answers = await Promise.all([
          ask({ request }),
          ask({ request, clientId }),
          ask({ request: { ...request, route: 'POST /elsewhere' } }),
          world.messages.accept({ ...wish(other, theirs.chatId), request }),
        ])
        expect(new Set(answers.map((answer) => acceptedOf(answer).messageId)).size).toBe(4)
      })

      it('lives for 30 days', async () => {
        const { request } = wish(tenant, chatId)
        const first = acceptedOf(await ask({ request }))
        await world.pass(29 * day)
        expect(await ask({ request })).toMatchObject({ messageId: first.messageId })
        await world.pass(2 * day)
        const second = acceptedOf(await ask({ request, content: text('De novo') }))
        expect(second.messageId).not.toBe(first.messageId)
        expect(await ask({ request })).toMatchObject({ messageId: second.messageId })
        expect(await thread(world, tenant, chatId)).toHaveLength(2)
      })
    })

    it('numbers 50 messages of one chat that come at once without gap or double', async () => {
      await Promise.all(Array.from({ length: 50 }, () => ask()))
      const sequences = (await thread(world, tenant, chatId)).map(({ sequence }) => sequence)
      expect(sequences).toEqual(Array.from({ length: 50 }, (_, index) => String(index + 1)))
    })

    it('plans a send within 900 s by a delayed wake-up', async () => {
      const answer = await ask({ sendAt: inSeconds(600) })
      const delay = 'wake' in answer ? answer.wake?.inSeconds : undefined
      expect(delay).toBeGreaterThan(590)
      expect(delay).toBeLessThanOrEqual(600)
      expect(await claim(world, acceptedOf(answer))).toEqual([])
      await world.pass(601)
      expect(await claim(world, acceptedOf(answer))).toHaveLength(1)
    })

    it('leaves a send planned for later to the relay', async () => {
      const answer = await ask({ sendAt: inSeconds(2000) })
      expect(answer).toMatchObject({ outcome: 'accepted', wake: undefined })
      const mine = async () =>
        (await world.tasks.relay(1000)).filter(({ tenantId }) => tenantId === tenant.tenantId)
      expect(await mine()).toEqual([])
      await world.pass(2001)
      const woken = await mine()
      expect(woken).toMatchObject([{ type: 'MESSAGE_SEND', inSeconds: 0 }])
      expect(await claim(world, ...woken)).toHaveLength(1)
    })

    it('keeps the policy that was asked for', async () => {
      const message = await accept(world, tenant, { chatId, deliveryPolicy: 'at-most-once' })
      expect(await messageOf(world, tenant, message)).toMatchObject({
        deliveryPolicy: 'at-most-once',
      })
    })
  })
}
