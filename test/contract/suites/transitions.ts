import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ChatStatus } from '#shared/domain/chat.ts'
import type { UpdateChat } from '#shared/ports/chat-store.ts'
import {
  accept,
  allChats,
  apply,
  chatsWith,
  claimOne,
  day,
  fresh,
  freshPhone,
  inbound,
  type OpenWorld,
  openChat,
  type StoreWorld,
  type WorldTenant,
  whatsapp,
  wish,
} from '#test/support/stores-world.ts'

const statuses: readonly ChatStatus[] = ['ACTIVE', 'CLOSED', 'ARCHIVED']

/** Which ways every ChatStore lets a chat go, and what a person's message makes of it. */
export function transitionsSuite(name: string, open: OpenWorld): void {
  describe(`${name}: closing, reopening and archiving`, () => {
    let world: StoreWorld
    let tenant: WorldTenant

    beforeAll(async () => {
      world = await open()
    })
    afterAll(() => world.close())
    beforeEach(async () => {
      tenant = await world.addTenant()
    })

    const shown = async (chatId: string) => {
      const chat = await world.chats.get(tenant, chatId)
      if (chat === undefined) throw new Error('no such chat')
      return chat
    }
    const update = async (chatId: string, more: Partial<UpdateChat> & { status: ChatStatus }) => {
      const version = more.version ?? (await world.chats.get(tenant, chatId))?.version ?? '1'
      return world.chats.update({ ...tenant, chatId, version, ...more })
    }

    it.each(statuses.flatMap((from) => statuses.map((to) => [from, to] as const)))(
      'from %s to %s',
      async (from, to) => {
        const { chatId } = await openChat(world, tenant)
        await world.setChatStatus(tenant.tenantId, chatId, from)
        const before = await shown(chatId)
        const answer = await update(chatId, { status: to })
        const after = await shown(chatId)
        if (from === 'ARCHIVED' && to !== 'ARCHIVED') {
          expect(answer).toMatchObject({ outcome: 'refused', code: 'chat-archived' })
          expect(after).toEqual(before)
        } else {
          expect(answer).toEqual({ outcome: 'updated', chat: after })
          expect(after.status).toBe(to)
          expect(after.version === before.version).toBe(from === to)
        }
      },
    )

    it('refuses a version that is no more, unless the chat is so already', async () => {
      const { chatId, version } = await openChat(world, tenant)
      await accept(world, tenant, { chatId })
      const before = await shown(chatId)
      expect(before.version).not.toBe(version)
      expect(await update(chatId, { version, status: 'CLOSED' })).toMatchObject({
        code: 'version-mismatch',
      })
      expect(await shown(chatId)).toEqual(before)
      expect(await update(chatId, { status: 'CLOSED' })).toMatchObject({ outcome: 'updated' })
      const repeated = await update(chatId, { version: before.version, status: 'CLOSED' })
      expect(repeated).toEqual({ outcome: 'updated', chat: await shown(chatId) })
    })

    it('does not reopen one beside another ACTIVE one, nor what was merged', async () => {
      const externalId = fresh('person')
      const contacts = [whatsapp(freshPhone())]
      const first = await openChat(world, tenant, { externalId, contacts })
      await update(first.chatId, { status: 'CLOSED' })
      await openChat(world, tenant, { externalId, contacts })
      expect(await update(first.chatId, { status: 'ACTIVE' })).toMatchObject({
        code: 'person-has-active-chat',
      })
      const phone = freshPhone()
      await apply(world, inbound(tenant, { phone }))
      const [newer] = await allChats(world, tenant)
      await openChat(world, tenant, { externalId, contacts: [whatsapp(phone)] })
      for (const status of ['ACTIVE', 'ARCHIVED'] as const) {
        expect(await update(newer?.chatId ?? '', { status })).toMatchObject({ code: 'chat-merged' })
      }
    })

    it('knows no chat of another tenant, and no client of nobody', async () => {
      const { chatId, version } = await openChat(world, tenant)
      const other = await world.addTenant()
      expect(
        await world.chats.update({ ...other, chatId, version, status: 'CLOSED' }),
      ).toMatchObject({ code: 'chat-not-found' })
      expect(await update(chatId, { clientId: '999999999', status: 'CLOSED' })).toMatchObject({
        code: 'client-unknown',
      })
      expect(await update('999999999', { status: 'CLOSED' })).toMatchObject({
        code: 'chat-not-found',
      })
    })

    it.each(['CLOSED', 'ARCHIVED'] as const)('a queued message of one %s goes', async (status) => {
      const { chatId } = await openChat(world, tenant)
      const queued = await accept(world, tenant, { chatId })
      await update(chatId, { status })
      expect(await world.messages.accept(wish(tenant, chatId))).toMatchObject({
        code: 'chat-closed',
      })
      expect(await claimOne(world, queued)).toMatchObject({ messageId: queued.messageId })
    })

    it.each([
      { reopenDays: 0, daysClosed: 0, reopens: false },
      { reopenDays: 1, daysClosed: 0, reopens: true },
      { reopenDays: 30, daysClosed: 29, reopens: true },
      { reopenDays: 30, daysClosed: 31, reopens: false },
    ])(
      'reopen days $reopenDays, closed for $daysClosed days: $reopens',
      async ({ reopenDays, daysClosed, reopens }) => {
        await world.setReopenDays(tenant.tenantId, reopenDays)
        const phone = freshPhone()
        const { chatId } = await openChat(world, tenant, { contacts: [whatsapp(phone)] })
        await update(chatId, { status: 'CLOSED' })
        await world.pass(daysClosed * day)
        await apply(world, inbound(tenant, { phone }))
        expect((await shown(chatId)).status).toBe(reopens ? 'ACTIVE' : 'CLOSED')
        expect(await allChats(world, tenant)).toHaveLength(reopens ? 1 : 2)
      },
    )

    it.each(['ACTIVE', 'ARCHIVED'] as const)(
      'to %s at the moment at which the person writes: one ACTIVE chat with the message',
      async (status) => {
        const phones = Array.from({ length: 20 }, freshPhone)
        for (const phone of phones) {
          const { chatId, person } = await openChat(world, tenant, { contacts: [whatsapp(phone)] })
          await update(chatId, { status: 'CLOSED' })
          const { version } = await shown(chatId)
          const [answer] = await Promise.all([
            update(chatId, { version, status }),
            apply(world, inbound(tenant, { phone })),
          ])
          const { personId } = person
          const chats = await chatsWith(world, tenant, { limit: 100, filter: { personId } })
          const active = chats.filter((chat) => chat.status === 'ACTIVE')
          expect(active.map(({ unreadCount }) => unreadCount)).toEqual([1])
          const isArchived = status === 'ARCHIVED' && answer.outcome === 'updated'
          expect(active[0]?.chatId === chatId).toBe(!isArchived)
        }
      },
    )

    it('of several closed ones the last active one reopens, never a merged or archived one', async () => {
      const externalId = fresh('person')
      const phone = freshPhone()
      const contacts = [whatsapp(phone)]
      const again = async (status: ChatStatus) => {
        const { chatId } = await openChat(world, tenant, { externalId, contacts })
        await update(chatId, { status })
        return chatId
      }
      await again('CLOSED')
      const last = await again('CLOSED')
      await again('ARCHIVED')
      await apply(world, inbound(tenant, { phone }))
      const active = (await allChats(world, tenant)).filter(({ status }) => status === 'ACTIVE')
      expect(active.map(({ chatId }) => chatId)).toEqual([last])
    })
  })
}
