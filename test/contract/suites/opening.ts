import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Contact } from '#shared/domain/person.ts'
import type { OpenAnswer, OpenChat } from '#shared/ports/chat-store.ts'
import {
  allChats,
  apply,
  day,
  fresh,
  freshPhone,
  inbound,
  type OpenWorld,
  type StoreWorld,
  thread,
  type WorldTenant,
  whatsapp,
} from '#test/support/stores-world.ts'

const chatOf = (answer: OpenAnswer) => {
  if (answer.outcome === 'refused') throw new Error(`not opened: ${answer.code}`)
  return answer.chat
}

/** Whom every ChatStore finds, links, merges and refuses when a chat is opened. */
export function openingSuite(name: string, open: OpenWorld): void {
  describe(`${name}: opening a chat`, () => {
    let world: StoreWorld
    let tenant: WorldTenant

    beforeAll(async () => {
      world = await open()
    })
    afterAll(() => world.close())
    beforeEach(async () => {
      tenant = await world.addTenant()
    })

    const ask = (more: Partial<OpenChat> = {}) =>
      world.chats.open({
        tenantId: tenant.tenantId,
        clientId: tenant.clientId,
        request: { route: 'POST /chats', key: fresh('key'), body: '{}' },
        externalId: fresh('person'),
        name: 'Ana Lima',
        contacts: [whatsapp(freshPhone())],
        ...more,
      })
    const mail = (): Contact => ({ channel: 'EMAIL', address: `${fresh('ana')}@example.com` })

    it('creates person and chat, and answers them', async () => {
      const contacts = [whatsapp(freshPhone()), mail()]
      const externalId = fresh('person')
      const answer = await ask({ externalId, contacts })
      expect(answer).toMatchObject({
        outcome: 'opened',
        created: true,
        chat: {
          status: 'ACTIVE',
          unreadCount: 0,
          lastMessageId: undefined,
          mergedIntoChatId: undefined,
          person: { externalId, name: 'Ana Lima' },
        },
      })
      const chat = chatOf(answer)
      expect(chat.channels.toSorted()).toEqual(['EMAIL', 'WHATSAPP'])
      expect(chat.person.contacts).toEqual(expect.arrayContaining(contacts))
      expect(await world.chats.get(tenant, chat.chatId)).toEqual(chat)
    })

    it('returns the ACTIVE chat of a known person, with what is new', async () => {
      const externalId = fresh('person')
      const phone = whatsapp(freshPhone())
      const first = await ask({ externalId, contacts: [phone] })
      const added = mail()
      const second = await ask({ externalId, name: 'Ana L. Souza', contacts: [phone, added] })
      expect(second).toMatchObject({
        created: false,
        chat: { chatId: chatOf(first).chatId, person: { name: 'Ana L. Souza' } },
      })
      expect(chatOf(second).person.contacts).toEqual(expect.arrayContaining([phone, added]))
      expect(chatOf(second).person.contacts).toHaveLength(2)
    })

    it('keeps the name when none is given, and one contact however often it is named', async () => {
      const externalId = fresh('person')
      const phone = whatsapp(freshPhone())
      await ask({ externalId, contacts: [phone, phone] })
      const chat = chatOf(await ask({ externalId, name: undefined, contacts: [phone] }))
      expect(chat.person).toMatchObject({ name: 'Ana Lima', contacts: [phone] })
    })

    it.each(['CLOSED', 'ARCHIVED'] as const)(
      'opens a new one beside one that is %s',
      async (status) => {
        const externalId = fresh('person')
        const contacts = [whatsapp(freshPhone())]
        const first = chatOf(await ask({ externalId, contacts }))
        await world.setChatStatus(tenant.tenantId, first.chatId, status)
        const second = await ask({ externalId, contacts })
        expect(second).toMatchObject({ created: true, chat: { person: first.person } })
        expect(chatOf(second).chatId).not.toBe(first.chatId)
      },
    )

    it('20 at once for one person make one chat', async () => {
      const externalId = fresh('person')
      const contacts = [whatsapp(freshPhone())]
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => ask({ externalId, contacts })),
      )
      expect(new Set(answers.map((answer) => chatOf(answer).chatId)).size).toBe(1)
      expect(answers.filter((answer) => 'created' in answer && answer.created)).toHaveLength(1)
    })

    it('links the person who wrote first', async () => {
      const phone = freshPhone()
      await apply(world, inbound(tenant, { phone, name: 'Aninha' }))
      const [written] = await allChats(world, tenant)
      const externalId = fresh('person')
      const answer = await ask({ externalId, contacts: [whatsapp(phone)] })
      expect(answer).toMatchObject({
        created: false,
        chat: {
          chatId: written?.chatId,
          unreadCount: 1,
          person: { personId: written?.person.personId, externalId, name: 'Ana Lima' },
        },
      })
    })

    it('merges: the older person survives, the newer chat is closed and points to it', async () => {
      const phone = freshPhone()
      const externalId = fresh('person')
      const older = chatOf(await ask({ externalId }))
      await apply(world, inbound(tenant, { phone }))
      const newer = (await allChats(world, tenant)).find(({ chatId }) => chatId !== older.chatId)
      const merged = await ask({ externalId, contacts: [whatsapp(phone)] })
      expect(merged).toMatchObject({
        created: false,
        chat: { chatId: older.chatId, person: { personId: older.person.personId, externalId } },
      })
      expect(chatOf(merged).person.contacts).toHaveLength(2)
      expect(await world.chats.get(tenant, newer?.chatId ?? '')).toMatchObject({
        status: 'CLOSED',
        mergedIntoChatId: older.chatId,
      })
      await apply(world, inbound(tenant, { phone }))
      expect(await thread(world, tenant, older.chatId)).toHaveLength(1)
    })

    it('merges into the one who wrote first when that one is older', async () => {
      const phone = freshPhone()
      await apply(world, inbound(tenant, { phone }))
      const [written] = await allChats(world, tenant)
      const externalId = fresh('person')
      const known = chatOf(await ask({ externalId }))
      const merged = chatOf(await ask({ externalId, contacts: [whatsapp(phone)] }))
      expect(merged).toMatchObject({
        chatId: written?.chatId,
        person: { personId: written?.person.personId, externalId, name: 'Ana Lima' },
      })
      expect(await world.chats.get(tenant, known.chatId)).toMatchObject({
        status: 'CLOSED',
        mergedIntoChatId: written?.chatId,
      })
    })

    it('refuses a contact of another person, and changes nothing', async () => {
      const phone = whatsapp(freshPhone())
      await ask({ contacts: [phone] })
      const before = await allChats(world, tenant)
      const mine = { externalId: fresh('person'), contacts: [whatsapp(freshPhone()), phone] }
      expect(await ask(mine)).toMatchObject({ outcome: 'refused', code: 'contact-taken' })
      expect(await allChats(world, tenant)).toEqual(before)
    })

    it('knows both spellings of a Brazilian mobile as one contact', async () => {
      await ask({ contacts: [whatsapp('+5541987650001')] })
      expect(await ask({ contacts: [whatsapp('+554187650001')] })).toMatchObject({
        code: 'contact-taken',
      })
    })

    it('repeats its answer for a key, and refuses another body', async () => {
      const request = { route: 'POST /chats', key: fresh('key'), body: '{"a":1}' }
      const command = { request, externalId: fresh('person') }
      const first = await ask(command)
      expect(await ask(command)).toEqual(first)
      expect(first).toMatchObject({ created: true })
      expect(await ask({ ...command, request: { ...request, body: '{}' } })).toMatchObject({
        code: 'idempotency-key-mismatch',
      })
      await world.pass(31 * day)
      expect(await ask({ ...command, externalId: fresh('person') })).toMatchObject({
        created: true,
      })
      expect(await allChats(world, tenant)).toHaveLength(2)
    })

    it('refuses an unknown client and one that is too fast', async () => {
      expect(await ask({ clientId: '999999999' })).toMatchObject({ code: 'client-unknown' })
      const clientId = await world.addClient(tenant.tenantId, { ratePerSecond: 0.1, burst: 1 })
      await ask({ clientId })
      expect(await ask({ clientId })).toMatchObject({ code: 'rate-limited' })
    })

    it('keeps tenants apart: the same person and phone twice', async () => {
      const other = await world.addTenant()
      const same = { externalId: fresh('person'), contacts: [whatsapp(freshPhone())] }
      const mine = chatOf(await ask(same))
      const theirs = await ask({ ...same, tenantId: other.tenantId, clientId: other.clientId })
      expect(theirs).toMatchObject({ created: true })
      expect(await world.chats.get(other, mine.chatId)).toBeUndefined()
    })
  })
}
