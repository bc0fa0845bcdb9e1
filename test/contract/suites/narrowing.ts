import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Chat, ChatFilter } from '#shared/domain/chat.ts'
import {
  accept,
  apply,
  chatsWith,
  freshPhone,
  inbound,
  type OpenWorld,
  openChat,
  type StoreWorld,
  text,
  type WorldTenant,
  whatsapp,
} from '#test/support/stores-world.ts'

const minute = 60

/** What every ChatStore narrows a list to, and what it shows of the last message. */
export function narrowingSuite(name: string, open: OpenWorld): void {
  describe(`${name}: narrowing lists of chats`, () => {
    let world: StoreWorld
    let tenant: WorldTenant

    beforeAll(async () => {
      world = await open()
    })
    afterAll(() => world.close())
    beforeEach(async () => {
      tenant = await world.addTenant()
    })

    const list = (filter: ChatFilter, limit = 100) => chatsWith(world, tenant, { limit, filter })
    const idsOf = (chats: readonly Chat[]) => chats.map(({ chatId }) => chatId)
    const openOn = (channel: 'WHATSAPP' | 'EMAIL', index: number) =>
      openChat(world, tenant, {
        contacts: [
          channel === 'WHATSAPP'
            ? whatsapp(freshPhone())
            : { channel, address: `ana${tenant.tenantId}-${index}@example.com` },
        ],
      })

    it('finds by each filter, and by all of them together, page by page', async () => {
      const phone = freshPhone()
      await apply(world, inbound(tenant, { phone }))
      const [written] = await list({})
      const mails = [await openOn('EMAIL', 1), await openOn('EMAIL', 2)]
      const closed = await openOn('WHATSAPP', 3)
      await world.setChatStatus(tenant.tenantId, closed.chatId, 'CLOSED')
      const ofWritten = [written?.chatId]
      const ofMails = idsOf(mails).toReversed()

      expect(idsOf(await list({ unread: true }))).toEqual(ofWritten)
      expect(await list({ unread: false })).toHaveLength(3)
      expect(idsOf(await list({ channel: 'EMAIL' }))).toEqual(ofMails)
      expect(idsOf(await list({ status: 'CLOSED' }))).toEqual([closed.chatId])
      expect(await list({ status: 'ACTIVE' })).toHaveLength(3)
      expect(await list({ status: 'ARCHIVED' })).toEqual([])
      const personId = mails[0]?.person.personId
      expect(idsOf(await list({ personId }))).toEqual([mails[0]?.chatId])
      expect(idsOf(await list({ personId, channel: 'EMAIL', unread: false }))).toEqual([
        mails[0]?.chatId,
      ])
      expect(await list({ personId, status: 'CLOSED' })).toEqual([])
      expect(await list({ unread: true, channel: 'EMAIL' })).toEqual([])
      for (const filter of [{ channel: 'EMAIL' }, { status: 'ACTIVE' }, {}] as const) {
        expect(await list(filter, 1)).toEqual(await list(filter))
      }
    })

    it('lists what changed after a time, newest change first', async () => {
      const older = await openOn('WHATSAPP', 1)
      const untouched = await openOn('WHATSAPP', 2)
      await world.pass(10 * minute)
      const since = new Date(Date.now() - 5 * minute * 1000).toISOString()
      const fresh = await openOn('WHATSAPP', 3)
      await world.pass(1)
      await world.setChatStatus(tenant.tenantId, older.chatId, 'CLOSED')
      expect(idsOf(await list({ updatedAfter: since }, 1))).toEqual([older.chatId, fresh.chatId])
      expect(idsOf(await list({ updatedAfter: since, status: 'ACTIVE' }))).toEqual([fresh.chatId])
      expect(idsOf(await list({}))).toEqual([fresh.chatId, untouched.chatId, older.chatId])
    })

    it('shows nothing of another tenant, and refuses the cursor of another filter', async () => {
      const mine = await openOn('WHATSAPP', 1)
      await openOn('WHATSAPP', 2)
      const other = await world.addTenant()
      const { personId } = mine.person
      expect(await chatsWith(world, other, { limit: 100, filter: { personId } })).toEqual([])
      const first = await world.chats.list(tenant, {
        limit: 1,
        cursor: undefined,
        filter: { status: 'ACTIVE' },
      })
      const cursor = first.nextCursor
      expect(cursor).toBeDefined()
      for (const filter of [{}, { status: 'CLOSED' }, { unread: false }] as const) {
        await expect(world.chats.list(tenant, { limit: 1, cursor, filter })).rejects.toMatchObject({
          code: 'invalid-cursor',
        })
      }
    })

    it('shows the last message with its first words, and none where there is none', async () => {
      const phone = freshPhone()
      const chat = await openChat(world, tenant, { contacts: [whatsapp(phone)] })
      expect(chat.lastMessage).toBeUndefined()
      const said = `${'á'.repeat(159)}👍🏽 e mais`
      const { chatId, messageId } = await accept(world, tenant, {
        chatId: chat.chatId,
        content: text(said),
      })
      const shown = await world.chats.get(tenant, chatId)
      expect(shown).toMatchObject({
        lastMessageId: messageId,
        lastMessage: {
          messageId,
          direction: 'OUTBOUND',
          channel: 'WHATSAPP',
          status: 'QUEUED',
          contentType: 'text',
          preview: `${'á'.repeat(159)}👍`,
        },
      })
      const raw = 'x'.repeat(150_000)
      const content = { type: 'other', providerType: 'contacts', raw } as const
      await apply(world, inbound(tenant, { phone, content }))
      expect((await list({}))[0]?.lastMessage).toMatchObject({
        direction: 'INBOUND',
        contentType: 'other',
        preview: undefined,
      })
    })

    it('shows of what the person took back that it was', async () => {
      const phone = freshPhone()
      const wamid = `wamid-${phone}`
      await apply(world, inbound(tenant, { phone, wamid }))
      expect((await list({}))[0]?.lastMessage).toMatchObject({ preview: 'Oi' })
      const amends = { kind: 'revoke', providerMessageId: wamid } as const
      await apply(world, inbound(tenant, { phone, more: { amends } }))
      expect((await list({}))[0]?.lastMessage).toMatchObject({
        status: 'RECEIVED',
        contentType: undefined,
        preview: undefined,
      })
    })
  })
}
