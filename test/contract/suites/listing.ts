import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Message } from '#shared/domain/message.ts'
import {
  accept,
  allChats,
  apply,
  freshPhone,
  inbound,
  type OpenWorld,
  openChat,
  type StoreWorld,
  text,
  thread,
  type WorldTenant,
  whatsapp,
} from '#test/support/stores-world.ts'

/** What every ChatStore lists, and in which pages. */
export function listingSuite(name: string, open: OpenWorld): void {
  describe(`${name}: reading chats`, () => {
    let world: StoreWorld
    let tenant: WorldTenant

    beforeAll(async () => {
      world = await open()
    })
    afterAll(() => world.close())
    beforeEach(async () => {
      tenant = await world.addTenant()
    })

    async function pages(chatId: string, order: 'asc' | 'desc', limit: number) {
      const all: Message[][] = []
      let cursor: string | undefined
      do {
        const page = await world.chats.messages(tenant, chatId, { limit, order, cursor })
        all.push([...(page?.items ?? [])])
        cursor = page?.nextCursor
      } while (cursor !== undefined)
      return all
    }

    const refusedCursor = (work: Promise<unknown>) =>
      expect(work).rejects.toMatchObject({ name: 'Refusal', code: 'invalid-cursor' })

    it('lists every chat once, newest activity first, also with ties', async () => {
      const phones = Array.from({ length: 23 }, freshPhone)
      // One batch has one time: a tie of 23.
      await apply(world, ...phones.map((phone) => inbound(tenant, { phone })))
      const late = await openChat(world, tenant)
      await accept(world, tenant, { chatId: late.chatId })
      const whole = await allChats(world, tenant)
      expect(whole).toHaveLength(24)
      expect(whole[0]?.chatId).toBe(late.chatId)
      for (const limit of [1, 5, 23, 24]) {
        expect(await allChats(world, tenant, limit)).toEqual(whole)
      }
    })

    it('answers an empty list, an empty thread and no chat differently', async () => {
      const empty = await world.addTenant()
      expect(await world.chats.list(empty, { limit: 5, cursor: undefined })).toEqual({
        items: [],
        nextCursor: undefined,
      })
      const { chatId } = await openChat(world, tenant)
      expect(await thread(world, tenant, chatId)).toEqual([])
      const page = { limit: 5, cursor: undefined, order: 'asc' } as const
      expect(await world.chats.messages(tenant, '999999999', page)).toBeUndefined()
      expect(await world.chats.messages(empty, chatId, page)).toBeUndefined()
      expect(await world.chats.get(empty, chatId)).toBeUndefined()
      expect(await world.chats.get(tenant, '999999999')).toBeUndefined()
    })

    it('pages a thread to its end in both orders', async () => {
      const { chatId } = await openChat(world, tenant)
      for (let index = 0; index < 7; index += 1) {
        await accept(world, tenant, { chatId, content: text(`${index}`) })
      }
      const up = await pages(chatId, 'asc', 3)
      expect(up.map((page) => page.length)).toEqual([3, 3, 1])
      const down = await pages(chatId, 'desc', 3)
      expect(down.flat()).toEqual(up.flat().toReversed())
      expect((await pages(chatId, 'asc', 7)).map((page) => page.length)).toEqual([7])
    })

    it('a page under way misses and repeats nothing while messages come', async () => {
      const { chatId } = await openChat(world, tenant)
      for (let index = 0; index < 4; index += 1) await accept(world, tenant, { chatId })
      const page = { limit: 2, order: 'desc' } as const
      const first = await world.chats.messages(tenant, chatId, {
        ...page,
        cursor: undefined,
      })
      await accept(world, tenant, { chatId })
      const cursor = first?.nextCursor
      const second = await world.chats.messages(tenant, chatId, { ...page, cursor })
      expect(second?.items.map(({ sequence }) => sequence)).toEqual(['2', '1'])
    })

    it('ends a page of large messages early, and goes on from there', async () => {
      const phone = freshPhone()
      const { chatId } = await openChat(world, tenant, { contacts: [whatsapp(phone)] })
      const raw = 'x'.repeat(30_000)
      const content = { type: 'other', providerType: 'order', raw } as const
      const large = Array.from({ length: 40 }, () => inbound(tenant, { phone, content }))
      await apply(world, ...large)
      const read = await pages(chatId, 'asc', 100)
      expect(read.length).toBeGreaterThan(1)
      expect(read.every((page) => page.length > 0)).toBe(true)
      const sequences = read.flat().map(({ sequence }) => sequence)
      expect(sequences).toEqual(Array.from({ length: 40 }, (_, index) => String(index + 1)))
    })

    it('a content of any size does not close the thread it stands in', async () => {
      const phone = freshPhone()
      const { chatId } = await openChat(world, tenant, { contacts: [whatsapp(phone)] })
      const raw = 'x'.repeat(150_000)
      const content = { type: 'other', providerType: 'contacts', raw } as const
      await apply(world, inbound(tenant, { phone }), inbound(tenant, { phone, content }))
      await apply(world, inbound(tenant, { phone }))
      expect(await thread(world, tenant, chatId)).toHaveLength(3)
    })

    it('refuses cursors of another tenant, list, chat or order, and made-up ones', async () => {
      const chats = await Promise.all(Array.from({ length: 3 }, () => openChat(world, tenant)))
      const [one, other] = chats.map(({ chatId }) => chatId)
      await accept(world, tenant, { chatId: one ?? '' })
      await accept(world, tenant, { chatId: one ?? '' })
      const listed = await world.chats.list(tenant, { limit: 1, cursor: undefined })
      const messages = (chatId: string, cursor: string | undefined, order: 'asc' | 'desc') =>
        world.chats.messages(tenant, chatId, { limit: 1, cursor, order })
      const read = await messages(one ?? '', undefined, 'asc')
      const cursor = listed.nextCursor ?? ''
      const second = await world.addTenant()
      await refusedCursor(world.chats.list(second, { limit: 1, cursor }))
      await refusedCursor(messages(one ?? '', cursor, 'asc'))
      await refusedCursor(messages(other ?? '', read?.nextCursor, 'asc'))
      await refusedCursor(messages(one ?? '', read?.nextCursor, 'desc'))
      await refusedCursor(world.chats.list(tenant, { limit: 1, cursor: 'made-up' }))
      const bent = `${cursor.slice(0, -1)}${cursor.endsWith('A') ? 'B' : 'A'}`
      await refusedCursor(world.chats.list(tenant, { limit: 1, cursor: bent }))
    })
  })
}
