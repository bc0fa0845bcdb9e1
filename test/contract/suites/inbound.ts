import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ItemRefused } from '#shared/ports/event-store.ts'
import {
  allChats,
  apply,
  day,
  fresh,
  freshPhone,
  inbound,
  type OpenWorld,
  openChat,
  type StoreWorld,
  send,
  text,
  thread,
  type WorldTenant,
  whatsapp,
} from '#test/support/stores-world.ts'

/** How every EventStore stores what people write. */
export function inboundSuite(name: string, open: OpenWorld): void {
  describe(`${name}: what people write`, () => {
    let world: StoreWorld
    let tenant: WorldTenant

    beforeAll(async () => {
      world = await open()
    })
    afterAll(() => world.close())
    beforeEach(async () => {
      tenant = await world.addTenant()
    })

    it('opens person, contact and chat for a stranger', async () => {
      const phone = freshPhone()
      const wamid = fresh('wamid')
      const written = inbound(tenant, { phone, name: 'Bruno', wamid, content: text('Oi!') })
      expect(await apply(world, written)).toEqual({
        inboundStored: 1,
        echoesStored: 0,
        reportsStored: 0,
        newsStored: 0,
        parkedStored: 0,
        wakes: [],
        alarming: [],
      })
      const [chat] = await allChats(world, tenant)
      expect(chat).toMatchObject({
        status: 'ACTIVE',
        channels: ['WHATSAPP'],
        unreadCount: 1,
        person: { name: 'Bruno', externalId: undefined, contacts: [whatsapp(phone)] },
      })
      const [message] = await thread(world, tenant, chat?.chatId ?? '')
      expect(message).toMatchObject({
        direction: 'INBOUND',
        status: 'RECEIVED',
        content: text('Oi!'),
        sequence: '1',
      })
      expect(chat?.lastMessageId).toBe(message?.messageId)
    })

    it('stores a copy never: in one batch, in a later one, in many at once', async () => {
      const written = inbound(tenant, { phone: freshPhone() })
      expect(await apply(world, written, written)).toMatchObject({ inboundStored: 1 })
      expect(await apply(world, written)).toMatchObject({ inboundStored: 0 })
      const counts = await Promise.all(Array.from({ length: 8 }, () => apply(world, written)))
      expect(counts.every(({ inboundStored }) => inboundStored === 0)).toBe(true)
      const [chat] = await allChats(world, tenant)
      expect(chat?.unreadCount).toBe(1)
      expect(await thread(world, tenant, chat?.chatId ?? '')).toHaveLength(1)
    })

    it('an album of a new person makes one person and one chat', async () => {
      for (let round = 0; round < 20; round += 1) {
        const phone = freshPhone()
        await Promise.all(
          Array.from({ length: 8 }, () => apply(world, inbound(tenant, { phone, name: 'Caio' }))),
        )
        const mine = (await allChats(world, tenant)).filter(
          ({ person }) => person.contacts[0]?.address === phone,
        )
        expect(mine).toHaveLength(1)
        expect(mine[0]?.unreadCount).toBe(8)
        const sequences = (await thread(world, tenant, mine[0]?.chatId ?? '')).map(
          ({ sequence }) => sequence,
        )
        expect(sequences).toEqual(['1', '2', '3', '4', '5', '6', '7', '8'])
      }
    })

    it('crossing batches of the same people do not wait for each other for ever', async () => {
      const phones = Array.from({ length: 12 }, freshPhone)
      const batch = (order: readonly string[]) =>
        apply(world, ...order.map((phone) => inbound(tenant, { phone })))
      const stored = await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          batch(index % 2 === 0 ? phones : phones.toReversed()),
        ),
      )
      expect(stored.map(({ inboundStored }) => inboundStored)).toEqual(Array(8).fill(12))
      const chats = await allChats(world, tenant)
      expect(chats).toHaveLength(12)
      expect(chats.every(({ unreadCount }) => unreadCount === 8)).toBe(true)
    })

    it('knows a Brazilian mobile with and without its ninth digit', async () => {
      await apply(world, inbound(tenant, { phone: '+5531987650001' }))
      await apply(world, inbound(tenant, { phone: '+553187650001' }))
      expect(await allChats(world, tenant)).toHaveLength(1)
    })

    it('knows a person by user id, also once the phone is hidden', async () => {
      const userId = fresh('BR.1')
      await apply(world, inbound(tenant, { phone: freshPhone(), userId }))
      await apply(world, inbound(tenant, { userId }))
      expect(await allChats(world, tenant)).toMatchObject([{ unreadCount: 2 }])
    })

    it('keeps any type whole', async () => {
      const content = {
        type: 'other',
        providerType: 'sticker',
        raw: { a: [1, { b: 'ç' }] },
      } as const
      await apply(world, inbound(tenant, { phone: freshPhone(), content }))
      const [chat] = await allChats(world, tenant)
      expect(await thread(world, tenant, chat?.chatId ?? '')).toMatchObject([{ content }])
    })

    it('goes to the chat that was opened for the person', async () => {
      const phone = freshPhone()
      const { chatId } = await openChat(world, tenant, { contacts: [whatsapp(phone)] })
      await apply(world, inbound(tenant, { phone }))
      expect(await thread(world, tenant, chatId)).toHaveLength(1)
      expect(await allChats(world, tenant)).toHaveLength(1)
    })

    describe('to a chat that is not active', () => {
      async function writeAfter(status: 'CLOSED' | 'ARCHIVED', days: number) {
        const phone = freshPhone()
        const { chatId } = await openChat(world, tenant, { contacts: [whatsapp(phone)] })
        await world.setChatStatus(tenant.tenantId, chatId, status)
        await world.pass(days * day)
        await apply(world, inbound(tenant, { phone }))
        const old = await world.chats.get(tenant, chatId)
        return { old, count: (await allChats(world, tenant)).length }
      }

      it('reopens it within 7 days', async () => {
        expect(await writeAfter('CLOSED', 6)).toMatchObject({
          old: { status: 'ACTIVE', unreadCount: 1 },
          count: 1,
        })
      })

      it('opens a new one later', async () => {
        expect(await writeAfter('CLOSED', 8)).toMatchObject({
          old: { status: 'CLOSED', unreadCount: 0 },
          count: 2,
        })
      })

      it('never reopens an archived one', async () => {
        expect(await writeAfter('ARCHIVED', 0)).toMatchObject({
          old: { status: 'ARCHIVED', unreadCount: 0 },
          count: 2,
        })
      })
    })

    it('shows what it answers: ours by its wamid, theirs by its id, or nothing', async () => {
      const phone = freshPhone()
      const { chatId } = await openChat(world, tenant, { contacts: [whatsapp(phone)] })
      const ours = await send(world, tenant, chatId)
      const theirs = fresh('wamid')
      await apply(world, inbound(tenant, { phone, wamid: theirs, replyTo: ours.wamid }))
      await apply(world, inbound(tenant, { phone, replyTo: theirs }))
      await apply(world, inbound(tenant, { phone, replyTo: fresh('nobody-knows') }))
      const [, first, second, third] = await thread(world, tenant, chatId)
      expect(first?.replyToMessageId).toBe(ours.messageId)
      expect(second?.replyToMessageId).toBe(first?.messageId)
      expect(third?.replyToMessageId).toBeUndefined()
    })

    it('keeps tenants apart, also with the same ids', async () => {
      const other = await world.addTenant()
      const same = { phone: freshPhone(), wamid: fresh('wamid') }
      await apply(world, inbound(tenant, same), inbound(other, same))
      expect(await allChats(world, tenant)).toHaveLength(1)
      expect(await allChats(world, other)).toHaveLength(1)
    })

    it.each([
      ['a time that is none', { occurredAt: 'no time' }],
      ['an id that is too long', { wamid: 'w'.repeat(513) }],
      ['U+0000 in an id', { wamid: 'w\u0000' }],
    ])('refuses %s, and nothing of its batch is stored', async (_, bad) => {
      const good = inbound(tenant, { phone: freshPhone() })
      const refused = apply(world, good, inbound(tenant, { phone: freshPhone(), ...bad }))
      await expect(refused).rejects.toBeInstanceOf(ItemRefused)
      expect(await allChats(world, tenant)).toEqual([])
      expect(await apply(world, good)).toMatchObject({ inboundStored: 1 })
    })

    it('parks an item once', async () => {
      const parked = (reason: string, raw: unknown) =>
        world.events.apply({
          events: [],
          parked: [{ tenantId: tenant.tenantId, channel: 'WHATSAPP', reason, raw }],
        })
      const raw = { field: fresh('unknown') }
      expect(await parked('unknown-field', raw)).toMatchObject({ parkedStored: 1 })
      expect(await parked('unknown-field', raw)).toMatchObject({ parkedStored: 0 })
      expect(await parked('malformed', raw)).toMatchObject({ parkedStored: 1 })
    })
  })
}
